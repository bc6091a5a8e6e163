import { AlgorithmNotAllowed, CriticalUnsupported, KidInvalid, TypeMismatch } from '../errors/index.ts';
import { type Algorithm, isAlgorithm } from './algorithms.ts';
import { decodeBase64url } from './base64url.ts';
import { type JsonObject, parseJsonObject } from './json.ts';

const kidCharactersMax = 128;

export interface AccessTokenHeader {
  readonly alg: Algorithm;
  readonly kid: string;
}

/** Reads a protected header from its base64url text. */
export function parseHeader(text: string, allowed: readonly Algorithm[]): AccessTokenHeader {
  return checkHeader(parseJsonObject(decodeBase64url(text)), allowed);
}

/**
 * Checks the protected header against RFC 9068 section 4 and RFC 8725 section 3.1.
 * `jwk`, `jku`, `x5u` and `x5c` are never read: a token does not choose the key it is checked with.
 */
function checkHeader(header: JsonObject, allowed: readonly Algorithm[]): AccessTokenHeader {
  const { alg, kid, typ } = header;
  if (!isAlgorithm(alg) || !allowed.includes(alg)) throw new AlgorithmNotAllowed();
  // RFC 7515 section 4.1.11: an extension that is not understood must be refused, and none is understood here.
  if ('crit' in header || 'b64' in header) throw new CriticalUnsupported();
  if (typ !== 'at+jwt' && typ !== 'application/at+jwt') throw new TypeMismatch();
  if (typeof kid !== 'string' || kid === '' || kid.length > kidCharactersMax) throw new KidInvalid();
  return { alg, kid };
}
