import { createHash, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import type { SigningAlgorithm } from './entities.ts';

const RSA_BITS = 2048;
const RSA_EXPONENT = 0x10001;
const generate = promisify(generateKeyPair);

/** A public key as it stands in the JWKS (RFC 7517). */
export interface PublicJwk extends JsonWebKey {
  kid: string;
  alg: SigningAlgorithm;
  use: 'sig';
}

export interface NewKey {
  kid: string;
  privateKeyPem: string;
  publicJwk: PublicJwk;
}

/** Makes a key pair for an algorithm. Its `kid` is the RFC 7638 thumbprint, so it names this key and no other. */
export async function generateSigningKey(algorithm: SigningAlgorithm): Promise<NewKey> {
  const { publicKey, privateKey } = await generatePair(algorithm);
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = thumbprint(jwk);
  return {
    kid,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
  };
}

function generatePair(algorithm: SigningAlgorithm): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  return algorithm === 'ES256'
    ? generate('ec', { namedCurve: 'P-256' })
    : generate('rsa', { modulusLength: RSA_BITS, publicExponent: RSA_EXPONENT });
}

/** RFC 7638: SHA-256 over the required members in alphabetical order. */
function thumbprint(jwk: JsonWebKey): string {
  const members =
    jwk.kty === 'RSA' ? { e: jwk.e, kty: jwk.kty, n: jwk.n } : { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
