import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { importKeySet } from '../../src/jwks/jwk.ts';

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
const usable = (...keys: unknown[]) => [...importKeySet({ keys }).keys()];

test.each([
  ['RSA for RS256', jwk(rsa2048, { alg: 'RS256' })],
  ['RSA for PS256', jwk(rsa2048, { alg: 'PS256', use: 'sig' })],
  ['P-256 for ES256', jwk(p256, { alg: 'ES256', key_ops: ['verify'] })],
])('%s is used', (_, key) => {
  expect(usable(key)).toEqual(['k']);
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
  expect(() => importKeySet(document)).toThrow('no array "keys"');
});

test('a JWK Set of more than 100 keys is refused before any is imported', () => {
  expect(() => importKeySet({ keys: Array.from({ length: 101 }, () => null) })).toThrow('more than 100 keys');
});
