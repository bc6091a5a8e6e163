import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { importKeySet, type KeysById } from '../../src/jwks/jwk.ts';
import { hasRocaFingerprint } from '../../src/jwks/roca.ts';
import { nodePrimitives } from '../../src/node/primitives.ts';

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const rsa = (modulusLength: number, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const jwk = ({ publicKey }: ReturnType<typeof rsa>, more: object): JsonWebKey => ({
  ...publicKey.export({ format: 'jwk' }),
  kid: 'k',
  ...more,
});

const p256 = ec('P-256');
const rsa2048 = rsa(2048);
const imported = (document: unknown) => importKeySet(document, nodePrimitives) as KeysById;
const usable = (...keys: unknown[]) => [...imported({ keys }).keys()];

test.each([
  ['RSA for RS256', jwk(rsa2048, { alg: 'RS256' })],
  ['RSA for PS256', jwk(rsa2048, { alg: 'PS256', use: 'sig' })],
  ['P-256 for ES256', jwk(p256, { alg: 'ES256', key_ops: ['verify'] })],
])('%s is used', (_, key) => {
  expect(usable(key)).toEqual(['k']);
});

/** A modulus of 2048 bits whose residues are powers of 65537, as the chips of CVE-2017-15361 made them. */
function rocaModulus(): string {
  const primes = Array.from({ length: 167 }, (_, i) => i + 1).filter(
    (n) => n > 2 && Array.from({ length: n }, (_, d) => d).every((d) => d < 2 || n % d > 0),
  );
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n);
  const residue = Array.from({ length: 1000 }).reduce<bigint>((power) => (power * 65_537n) % product, 1n);
  const multiple = (2n ** 2047n / product + 1n) * product;
  const modulus = (multiple + residue) % 2n === 1n ? multiple + residue : multiple + product + residue;
  return Buffer.from(modulus.toString(16), 'hex').toString('base64url');
}

test('a sound modulus does not bear the fingerprint of ROCA, a thousand times', () => {
  for (let i = 0; i < 1000; i++) {
    const random = BigInt(`0x${randomBytes(256).toString('hex')}`) | 1n;
    expect(hasRocaFingerprint(random)).toBe(false);
  }
});

describe('keys that are passed over, without harm to the others', () => {
  const other = jwk(p256, { alg: 'ES256', kid: 'other' });
  test.each<[string, unknown]>([
    ['without alg', jwk(rsa2048, {})],
    ['with an algorithm that is not offered', jwk(rsa2048, { alg: 'RS512' })],
    ['with an algorithm of another key type', jwk(rsa2048, { alg: 'ES256' })],
    ['EC key for an RSA algorithm', jwk(p256, { alg: 'RS256' })],
    ['with a lying kty', jwk(p256, { alg: 'RS256', kty: 'RSA' })],
    ['for encryption', jwk(rsa2048, { alg: 'RS256', use: 'enc' })],
    ['whose key_ops do not allow to verify', jwk(rsa2048, { alg: 'RS256', key_ops: ['encrypt'] })],
    ['whose key_ops is no list', jwk(rsa2048, { alg: 'RS256', key_ops: 'verify' })],
    ['RSA of 1024 bits', jwk(rsa(1024), { alg: 'RS256' })],
    ['RSA with exponent 3', jwk(rsa(2048, 3), { alg: 'RS256' })],
    ['RSA with exponent 1', jwk(rsa2048, { alg: 'RS256', e: 'AQ' })],
    ['RSA with an even exponent', jwk(rsa2048, { alg: 'RS256', e: 'AQAC' })],
    ['RSA with a huge exponent', jwk(rsa2048, { alg: 'RS256', e: 'AQAAAAAB' })],
    ['RSA without modulus', jwk(rsa2048, { alg: 'RS256', n: undefined })],
    ['RSA with the fingerprint of ROCA', jwk(rsa2048, { alg: 'RS256', n: rocaModulus() })],
    ['RSA of 16384 bits', jwk(rsa2048, { alg: 'RS256', n: Buffer.alloc(2048, 0xff).toString('base64url') })],
    ['RSA whose modulus has a second spelling', jwk(rsa2048, { alg: 'RS256', n: `${String(jwk(rsa2048, {}).n)}=` })],
    ['P-384', jwk(ec('P-384'), { alg: 'ES256' })],
    ['secp256k1', jwk(ec('secp256k1'), { alg: 'ES256' })],
    ['a point off the curve', jwk(p256, { alg: 'ES256', y: 'AAAA' + 'A'.repeat(39) })],
    ['symmetric', { kty: 'oct', k: 'c2VjcmV0', kid: 'k', alg: 'HS256' }],
    ['with its private half', { ...rsa2048.privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }],
    ['without kid', jwk(p256, { alg: 'ES256', kid: undefined })],
    ['with a kid that is a number', jwk(p256, { alg: 'ES256', kid: 1 })],
    ['that are null', null],
    ['that are texts', 'key'],
    ['that are lists', [jwk(p256, { alg: 'ES256' })]],
  ])('%s', (_, key) => {
    expect(usable(key, other)).toEqual(['other']);
  });

  test('two keys under one kid: neither, not even when one is unusable', () => {
    expect(usable(jwk(p256, { alg: 'ES256' }), jwk(rsa2048, { alg: 'RS256' }), other)).toEqual(['other']);
    expect(usable(jwk(p256, { alg: 'ES256' }), jwk(rsa2048, { use: 'enc' }), other)).toEqual(['other']);
  });
});

test.each([null, [], 'keys', {}, { keys: {} }, { keys: null }])('%j is no JWK Set', (document) => {
  expect(() => imported(document)).toThrow('must be an object with an array "keys"');
});

test('a JWK Set of more than 100 keys is refused before any is imported', () => {
  expect(() => imported({ keys: Array.from({ length: 101 }, () => null) })).toThrow('at most 100');
});
