import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { createVerifier, type Algorithm } from '@org/jwt-client';
import { createTestIssuer, type TestIssuer } from '@org/jwt-client/testing';
import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier as createFastVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';

/** A verifier as its documentation sets it up: issuer, audience and algorithm given, keys at hand. Throws on a bad token. */
export interface Candidate {
  readonly name: string;
  readonly verify: (token: string) => unknown;
}

export interface Field {
  readonly issuer: TestIssuer;
  readonly candidates: readonly Candidate[];
}

/** The signature alone, without reading the token: what no verifier can do without. */
export const bare = 'crypto.verify alone';
export const ours = '@org/jwt-client';

/** Ours and its peers, for tokens of one issuer. `isCached`: those that can remember tokens do. */
export async function createField(alg: Algorithm, isCached: boolean): Promise<Field> {
  const issuer = createTestIssuer({ algorithm: alg, revocationsMaxAgeSeconds: false });
  const names = { issuer: issuer.issuer, audience: issuer.audience };
  const keys = issuer.jwks();
  const publicKey = createPublicKey({ key: keys.keys[0] as { kty: string }, format: 'jwk' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const local = createLocalJWKSet(keys as never);
  const own = createVerifier({ ...names, algorithms: [alg], jwks: { keys }, ...(!isCached && { cache: false }) });
  const aws = JwtVerifier.create({ ...names, jwksUri: `${issuer.issuer}/keys` });
  aws.cacheJwks(keys as never);
  const fast = createFastVerifier({
    key: pem,
    algorithms: [alg],
    allowedIss: names.issuer,
    allowedAud: names.audience,
    cache: isCached,
  });

  function verifyBare(token: string): void {
    const end = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(end + 1), 'base64url');
    const key = alg === 'ES256' ? ({ key: publicKey, dsaEncoding: 'ieee-p1363' } as const) : publicKey;
    if (!verifySignature('sha256', Buffer.from(token.slice(0, end)), key, signature)) throw new Error('wrong');
  }

  return {
    issuer,
    candidates: [
      { name: bare, verify: verifyBare },
      { name: ours, verify: (token) => own.verifySync(token) },
      {
        name: 'jsonwebtoken',
        verify: (token) => jsonwebtoken.verify(token, publicKey, { ...names, algorithms: [alg] }),
      },
      { name: 'fast-jwt', verify: (token) => fast(token) as unknown },
      { name: 'aws-jwt-verify', verify: (token) => aws.verifySync(token) },
      { name: 'jose', verify: (token) => jwtVerify(token, local, { ...names, algorithms: [alg] }) },
    ],
  };
}
