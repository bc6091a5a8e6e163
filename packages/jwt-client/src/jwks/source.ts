import { download, type DownloadOptions } from './download.ts';
import { freshSeconds } from './freshness.ts';
import { importKeySet, type KeysById } from './jwk.ts';
import { secureUrl } from './secure-url.ts';

export interface FetchedKeys {
  readonly keys: KeysById;
  readonly freshMs: number;
}

export type KeySource = (options: DownloadOptions) => Promise<FetchedKeys>;

/** Keys from a known JWK Set address. */
export function keysFromUri(uri: URL): KeySource {
  return async (options) => {
    const { document, headers } = await download(uri, options);
    return { keys: importKeySet(document), freshMs: freshSeconds(headers) * 1000 };
  };
}

/**
 * Keys from the `jwks_uri` of the issuer, OpenID Connect Discovery 1.0 section 4. The address is kept until a
 * fetch of the keys fails, so an issuer that moves its keys is found again without a restart.
 */
export function keysFromDiscovery(issuer: string): KeySource {
  let found: KeySource | undefined;
  return async (options) => {
    const source = found ?? keysFromUri(await discoverJwksUri(issuer, options));
    found = undefined;
    const keys = await source(options);
    found = source;
    return keys;
  };
}

async function discoverJwksUri(issuer: string, options: DownloadOptions): Promise<URL> {
  const address = secureUrl(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, 'issuer');
  const { document } = await download(address, options);
  // Section 4.3: identical, or one issuer could stand in for another.
  if (document['issuer'] !== issuer) throw new Error(`${address.href} describes another issuer than ${issuer}`);
  return secureUrl(String(document['jwks_uri']), `jwks_uri of ${address.href}`);
}
