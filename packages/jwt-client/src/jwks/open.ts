import type { Settings } from '../options.ts';
import { fixedKeySet, type KeySet } from './key-set.ts';
import { type JwksEvent, RemoteKeySet } from './remote-key-set.ts';
import { secureUrl } from './secure-url.ts';
import { keysFromDiscovery, keysFromUri } from './source.ts';

/** The key set that the options ask for: handed over, at a known address, or discovered. Nothing is fetched yet. */
export function openKeySet(settings: Settings, onEvent: (event: JwksEvent) => void): KeySet {
  const { issuer, jwks, timeoutMs, staleIfErrorMs, clock } = settings;
  if (jwks.keys) return fixedKeySet(jwks.keys);
  const source = jwks.uri === undefined ? discovered(issuer) : keysFromUri(secureUrl(jwks.uri, 'jwks.uri'));
  // Looked up at each call, so that a fetch instrumented or replaced later is used.
  const fetch: typeof globalThis.fetch = jwks.fetch ?? ((...request) => globalThis.fetch(...request));
  return new RemoteKeySet({ source, fetch, timeoutMs, staleIfErrorMs, clock, onEvent });
}

function discovered(issuer: string) {
  secureUrl(issuer, 'issuer');
  return keysFromDiscovery(issuer);
}
