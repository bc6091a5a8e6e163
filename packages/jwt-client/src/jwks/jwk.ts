import { type Eventually, andThen } from '../eventually.ts';
import { type Algorithm, isAlgorithm, keyTypes } from '../jws/algorithms.ts';
import { isObject, type JsonObject } from '../jws/json.ts';
import type { Primitives } from '../primitives.ts';
import { hasRocaFingerprint } from './roca.ts';

// Verification time grows with the square of the modulus and with the exponent: both have a ceiling.
const modulusMin = 1n << 2047n;
const modulusBytesMax = 1024;
const exponentMin = 65_537n;
const exponentMax = 1n << 32n;
const keysMax = 100;

/** A JWK Set, RFC 7517 section 5. */
export interface JSONWebKeySet {
  readonly keys: readonly object[];
}

export interface VerificationKey {
  readonly kid: string;
  readonly alg: Algorithm;
  /** As the crypto of the platform holds it. */
  readonly key: unknown;
  /** The public members as a text: equal for equal keys. */
  readonly material: string;
}

export type KeysById = ReadonlyMap<string, VerificationKey>;

/**
 * The keys of a JWK Set that tokens may be verified with. Keys of other kinds are passed over, as
 * RFC 7517 section 5 asks; a kid published twice is ambiguous, so neither key is used.
 * Throws when this is no JWK Set, or one with more than 100 keys.
 */
export function importKeySet(document: unknown, primitives: Primitives): Eventually<KeysById> {
  const published: unknown = isObject(document) && document['keys'];
  if (!Array.isArray(published) || published.length > keysMax)
    throw new TypeError(`A JWK Set must be an object with an array "keys" of at most ${keysMax}`);
  const jwks = published.filter(isObject);
  const names = jwks.map((jwk) => jwk['kid']);
  const keys = new Map<string, VerificationKey>();
  return jwks
    .filter(({ kid }) => names.indexOf(kid) === names.lastIndexOf(kid))
    .map((jwk) => verificationKey(jwk, primitives))
    .reduce<Eventually<KeysById>>(
      (done, importing) => andThen(done, () => andThen(importing, (key) => (key ? keys.set(key.kid, key) : keys))),
      keys,
    );
}

function verificationKey(jwk: JsonObject, { decode, importKey }: Primitives): Eventually<VerificationKey | undefined> {
  const { alg, kid, kty, n, e, crv, x, y } = jwk;
  // A key without alg could be used with any algorithm of its type, so it is used with none.
  if (typeof kid !== 'string' || !isAlgorithm(alg) || !isFit(jwk, alg, decode)) return undefined;
  const members = { kty, n, e, crv, x, y };
  return andThen(importKey(members, alg), (key) =>
    key ? { kid, alg, key, material: JSON.stringify(members) } : undefined,
  );
}

/** Meant for signatures of this algorithm, and strong. */
function isFit(jwk: JsonObject, alg: Algorithm, decode: Primitives['decode']): boolean {
  const { kty, use = 'sig', key_ops: operations = ['verify'], crv, n, e } = jwk;
  if ('d' in jwk || 'k' in jwk) return false; // A published private key has lost its worth.
  if (kty !== keyTypes[alg] || use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify'))
    return false;
  if (kty === 'EC') return crv === 'P-256';
  const modulus = unsigned(n, decode);
  const exponent = unsigned(e, decode);
  if (modulus < modulusMin || hasRocaFingerprint(modulus)) return false;
  return exponent >= exponentMin && exponent <= exponentMax && exponent % 2n === 1n;
}

/** A Base64urlUInt, RFC 7518 section 2; 0 for anything else, and for what is too long. */
function unsigned(text: unknown, decode: Primitives['decode']): bigint {
  const bytes = typeof text === 'string' && decode(text);
  if (!bytes || bytes.length > modulusBytesMax) return 0n;
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
