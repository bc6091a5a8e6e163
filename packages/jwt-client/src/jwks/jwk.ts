import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Algorithm, algorithms, isAlgorithm } from '../jws/algorithms.ts';
import { isObject, type JsonObject } from '../jws/json.ts';

const modulusBitsMin = 2048;
// Verification time grows with the square of the modulus and with the exponent: both have a ceiling.
const modulusBitsMax = 8192;
const exponentMin = 65_537n;
const exponentMax = 2n ** 32n;
const keysMax = 100;

/** A JWK Set, RFC 7517 section 5. */
export interface JSONWebKeySet {
  readonly keys: readonly object[];
}

export interface VerificationKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
}

export type KeysById = ReadonlyMap<string, VerificationKey>;

/**
 * The keys of a JWK Set that access tokens may be verified with. Keys of other kinds are passed over, as
 * RFC 7517 section 5 asks; a kid published twice is ambiguous, so neither key is used.
 * Throws when this is no JWK Set, or one with more than 100 keys.
 */
export function importKeySet(document: unknown): KeysById {
  if (!isObject(document) || !Array.isArray(document['keys']))
    throw new TypeError('This is not a JWK Set: it has no array "keys"');
  const published: readonly unknown[] = document['keys'];
  if (published.length > keysMax) throw new TypeError(`The JWK Set has more than ${keysMax} keys`);
  const names = published.map((jwk) => (isObject(jwk) ? jwk['kid'] : undefined));
  const keys = new Map<string, VerificationKey>();
  for (const jwk of published) {
    const key = isObject(jwk) && importKey(jwk);
    if (key && names.indexOf(key.kid) === names.lastIndexOf(key.kid)) keys.set(key.kid, key);
  }
  return keys;
}

/** Unchanged keys stay the same object, so that tokens verified with them stay remembered. */
export function keepKnownKeys(fresh: KeysById, known: KeysById): KeysById {
  return new Map([...fresh].map(([kid, key]) => [kid, sameKey(known.get(kid), key)]));
}

function sameKey(known: VerificationKey | undefined, fresh: VerificationKey): VerificationKey {
  return known?.alg === fresh.alg && known.key.equals(fresh.key) ? known : fresh;
}

function importKey(jwk: JsonObject): VerificationKey | undefined {
  const { alg, kid } = jwk;
  // A key without alg could be used with any algorithm of its type, so it is used with none.
  if (typeof kid !== 'string' || !isAlgorithm(alg) || !isForSignatures(jwk, alg)) return undefined;
  const key = publicKey(jwk);
  return key && isStrong(key, alg) ? { kid, alg, key } : undefined;
}

function isForSignatures(jwk: JsonObject, alg: Algorithm): boolean {
  const { kty, use, key_ops: operations } = jwk;
  if (kty !== algorithms[alg].kty || (use !== undefined && use !== 'sig')) return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  return !('d' in jwk || 'k' in jwk); // A published private key has lost its worth.
}

function publicKey({ kty, n, e, crv, x, y }: JsonObject): KeyObject | undefined {
  const members = { kty, n, e, crv, x, y };
  try {
    return createPublicKey({ key: members as Record<string, string>, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function isStrong({ asymmetricKeyDetails: details }: KeyObject, alg: Algorithm): boolean {
  if (alg === 'ES256') return details?.namedCurve === 'prime256v1';
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = details ?? {};
  return bits >= modulusBitsMin && bits <= modulusBitsMax && isSaneExponent(exponent);
}

const isSaneExponent = (exponent: bigint) => exponent >= exponentMin && exponent <= exponentMax && exponent % 2n === 1n;
