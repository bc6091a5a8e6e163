import jsonwebtoken from 'jsonwebtoken';

import type { KeyRing } from '../keys/index.ts';

/**
 * Signs claims as a compact JWS of the given `typ` (RFC 8725, section 3.11: one kind of token is never taken for another).
 *
 * @throws NoSigningKey
 */
export function signJws(keys: KeyRing, typ: 'at+jwt' | 'revocations+jwt', claims: object): string {
  const { kid, algorithm, privateKey } = keys.active();
  return jsonwebtoken.sign(claims, privateKey, { algorithm, keyid: kid, header: { alg: algorithm, typ } });
}
