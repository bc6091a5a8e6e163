import { AccessTokenError } from '../errors/index.ts';
import { type Algorithm, isAlgorithm } from './algorithms.ts';
import type { JsonObject } from './json.ts';

const kidCharactersMax = 128;

export interface JwsHeader {
  readonly alg: Algorithm;
  readonly kid: string;
}

/**
 * Checks a protected header against RFC 9068 section 4 and RFC 8725 sections 3.1 and 3.11.
 * `jwk`, `jku`, `x5u` and `x5c` are never read: a token does not choose the key it is checked with.
 */
export function parseHeader(header: JsonObject, allowed: readonly Algorithm[], type: string): JwsHeader {
  const { alg, kid, typ } = header;
  if (!isAlgorithm(alg) || !allowed.includes(alg)) throw new AccessTokenError('algorithm_not_allowed');
  // RFC 7515 section 4.1.11: an extension that is not understood must be refused, and none is understood here.
  if ('crit' in header || 'b64' in header) throw new AccessTokenError('critical_unsupported');
  if (typ !== type && typ !== `application/${type}`) throw new AccessTokenError('type_mismatch');
  if (typeof kid !== 'string' || kid === '' || kid.length > kidCharactersMax) throw new AccessTokenError('kid_invalid');
  return { alg, kid };
}
