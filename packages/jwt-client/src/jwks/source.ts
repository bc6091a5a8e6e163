import { download } from '../http/download.ts';
import { freshSeconds } from '../http/freshness.ts';
import { secureUrl } from '../http/secure-url.ts';
import { wellKnown } from '../http/well-known.ts';
import { isObject, type JsonObject } from '../jws/json.ts';
import type { Settings } from '../options.ts';
import type { Primitives } from '../primitives.ts';
import { importKeySet, type KeysById } from './jwk.ts';

const bodyBytesMax = 256 * 1024;
// A key set is not worth a fetch per request; and withdrawn keys must go within the hour.
const freshness = { min: 60, max: 3600, usual: 300 };

interface FetchedKeys {
  readonly keys: KeysById;
  readonly freshMs: number;
}

export type KeySource = (signal: AbortSignal) => Promise<FetchedKeys>;

/**
 * Keys from the address given, else from the `jwks_uri` of the issuer, OpenID Connect Discovery 1.0 section 4. That
 * address is kept until a fetch of the keys fails, so an issuer that moves its keys is found again without a restart.
 */
export function keySource(
  settings: Settings,
  primitives: Primitives,
  onDiscovery: (document: JsonObject) => void,
): KeySource {
  const { issuer, jwks } = settings;
  let found = jwks.uri;

  async function discover(signal: AbortSignal): Promise<string> {
    const configuration = wellKnown(issuer, 'openid-configuration');
    const { document } = await downloadJson(configuration, settings, signal);
    // Section 4.3: identical, or one issuer could stand in for another.
    if (document['issuer'] !== issuer) throw new Error(`${configuration} describes another issuer than ${issuer}`);
    const uri = secureUrl(document['jwks_uri'], 'jwks_uri');
    onDiscovery(document);
    return uri;
  }

  return async function fetchKeys(signal) {
    const uri = found ?? (await discover(signal));
    found = jwks.uri;
    const { document, headers } = await downloadJson(uri, settings, signal);
    const keys = await importKeySet(document, primitives);
    found = uri;
    return { keys, freshMs: freshSeconds(headers, freshness) * 1000 };
  };
}

async function downloadJson(uri: string, { jwks: { fetch }, timeoutMs }: Settings, signal: AbortSignal) {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const answer = await download(uri, { fetch, timeoutMs, bodyBytesMax, signal, headers });
  const document: unknown = JSON.parse(answer.text);
  if (!isObject(document)) throw new Error(`${uri} answered JSON that is not an object`);
  return { document, headers: answer.headers };
}
