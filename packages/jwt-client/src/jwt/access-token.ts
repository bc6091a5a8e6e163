import { AlgorithmNotAllowed, SignatureInvalid } from '../errors/index.ts';
import type { VerificationKey } from '../jwks/jwk.ts';
import { type Algorithm, algorithms } from '../jws/algorithms.ts';
import { parseCompact } from '../jws/compact.ts';
import { type AccessTokenHeader, parseHeader } from '../jws/header.ts';
import { parseJsonObject } from '../jws/json.ts';
import { type AccessTokenClaims, parseClaims } from './claims.ts';

export interface SignedClaims {
  readonly claims: AccessTokenClaims;
  readonly key: VerificationKey;
}

export type ReadAccessToken = (token: string) => SignedClaims;

const headersMax = 32;

/**
 * Reads the claims of a token whose signature is right, RFC 9068 section 4: header first, then the key it
 * names, then the signature; the payload is not parsed before the signature holds.
 */
export function accessTokenReader(
  allowed: readonly Algorithm[],
  findKey: (kid: string) => VerificationKey,
): ReadAccessToken {
  // All tokens of one key share one header text. Only headers under a right signature are remembered.
  const headers = new Map<string, AccessTokenHeader>();

  function remember(text: string, header: AccessTokenHeader): void {
    if (headers.size >= headersMax) headers.clear();
    headers.set(text, header);
  }

  return function readAccessToken(token) {
    const jws = parseCompact(token);
    const known = headers.get(jws.header);
    const header = known ?? parseHeader(jws.header, allowed);
    const key = findKey(header.kid);
    if (key.alg !== header.alg) throw new AlgorithmNotAllowed();
    if (!algorithms[key.alg].verify(key.key, jws.signingInput, jws.signature)) throw new SignatureInvalid();
    if (!known) remember(jws.header, header);
    return { claims: parseClaims(parseJsonObject(jws.payload)), key };
  };
}
