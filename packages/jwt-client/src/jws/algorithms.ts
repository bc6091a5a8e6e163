import { constants, type KeyObject, verify } from 'node:crypto';
import { derSignature } from './ecdsa.ts';

/** Signature algorithms of RFC 7518 that are offered. No HMAC: with HS256 every consumer could mint. */
export type Algorithm = 'RS256' | 'PS256' | 'ES256';

interface SignatureScheme {
  readonly kty: 'RSA' | 'EC';
  readonly verify: (key: KeyObject, input: Buffer, signature: Buffer) => boolean;
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

// Synchronous on purpose: crypto.subtle queues in the thread pool behind password hashes, DNS and files
// (p50 137 ms with eight hashes in flight, against 0.05 ms).
export const algorithms = {
  RS256: { kty: 'RSA', verify: (key, input, signature) => verify('sha256', input, key, signature) },
  PS256: { kty: 'RSA', verify: (key, input, signature) => verify('sha256', input, { key, ...pss }, signature) },
  ES256: { kty: 'EC', verify: verifyEs256 },
} as const satisfies Record<Algorithm, SignatureScheme>;

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(algorithms, name);
}

function verifyEs256(key: KeyObject, input: Buffer, signature: Buffer): boolean {
  const der = derSignature(signature);
  return der !== undefined && verify('sha256', input, key, der);
}
