import { type Eventually, andThen } from '../eventually.ts';
import { type Algorithm, isAlgorithm, keyTypes } from '../jws/algorithms.ts';
import { isObject, type JsonObject } from '../jws/json.ts';
import type { Primitives } from '../primitives.ts';
import { hasRocaFingerprint } from './roca.ts';

// Verification time grows with the square of the modulus and with the exponent: both have a ceiling.
const modulusMin = 1n << 2047n;
const modulusMax = 1n << 8192n;
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
  if (!Array.isArray(published)) throw new TypeError('This is not a JWK Set: it has no array "keys"');
  if (published.length > keysMax) throw new TypeError(`The JWK Set has more than ${keysMax} keys`);
  const jwks = published.filter(isObject);
  const names = jwks.map((jwk) => jwk['kid']);
  const imported = jwks
    .filter(({ kid }) => names.indexOf(kid) === names.lastIndexOf(kid))
    .map((jwk) => verificationKey(jwk, primitives));
  return imported.reduce<Eventually<KeysById>>(
    (keys, importing) => andThen(keys, (known) => andThen(importing, (key) => withKey(known, key))),
    new Map(),
  );
}

const withKey = (keys: KeysById, key: VerificationKey | undefined): KeysById =>
  key ? new Map([...keys, [key.kid, key]]) : keys;

/** Unchanged keys stay the same object, so that tokens verified with them stay remembered. */
export function keepKnownKeys(fresh: KeysById, known: KeysById): KeysById {
  return new Map([...fresh].map(([kid, key]) => [kid, sameKey(known.get(kid), key)]));
}

function sameKey(known: VerificationKey | undefined, fresh: VerificationKey): VerificationKey {
  return known?.alg === fresh.alg && known.material === fresh.material ? known : fresh;
}

function verificationKey(jwk: JsonObject, { decode, importKey }: Primitives): Eventually<VerificationKey | undefined> {
  const { alg, kid, kty, n, e, crv, x, y } = jwk;
  // A key without alg could be used with any algorithm of its type, so it is used with none.
  if (typeof kid !== 'string' || !isAlgorithm(alg) || !isForSignatures(jwk, alg)) return undefined;
  if (!isStrong(jwk, decode)) return undefined;
  const members = { kty, n, e, crv, x, y };
  return andThen(importKey(members, alg), (key) =>
    key ? { kid, alg, key, material: JSON.stringify(members) } : undefined,
  );
}

function isForSignatures(jwk: JsonObject, alg: Algorithm): boolean {
  const { kty, use = 'sig', key_ops: operations = ['verify'] } = jwk;
  if (kty !== keyTypes[alg] || use !== 'sig' || !Array.isArray(operations) || !operations.includes('verify'))
    return false;
  return !('d' in jwk || 'k' in jwk); // A published private key has lost its worth.
}

function isStrong({ kty, crv, n, e }: JsonObject, decode: Primitives['decode']): boolean {
  if (kty === 'EC') return crv === 'P-256';
  const modulus = unsigned(n, decode);
  const exponent = unsigned(e, decode);
  if (modulus < modulusMin || modulus >= modulusMax || hasRocaFingerprint(modulus)) return false;
  return exponent >= exponentMin && exponent <= exponentMax && exponent % 2n === 1n;
}

/** A Base64urlUInt, RFC 7518 section 2; 0 for anything else. */
function unsigned(text: unknown, decode: Primitives['decode']): bigint {
  const bytes = typeof text === 'string' && decode(text);
  return bytes ? BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`) : 0n;
}
