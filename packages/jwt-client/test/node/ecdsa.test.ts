import { sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { derSignature } from '../../src/node/ecdsa.ts';
import { generateSigningKey } from '../../src/testing/signing-key.ts';
import { forge, goodClaims, start, verdict } from '../setting.ts';

const key = generateSigningKey('ES256');
const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const scalar = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
const raw = (r: bigint, s: bigint) => Buffer.concat([scalar(r), scalar(s)]);

test('a thousand signatures mean the same in both encodings', () => {
  for (let i = 0; i < 1000; i++) {
    const input = Buffer.from(`message ${i}`);
    const signature = sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
    const der = derSignature(signature);
    expect(der && verify('sha256', input, key.privateKey, der)).toBe(true);
  }
});

test.each([
  ['leading zeros are dropped', raw(0x7fn, 0x0102n), '300702017f02020102'],
  ['a set first bit gets a zero byte', raw(0x80n, 0x8000n), '3009020200800203008000'],
])('%s', (_, signature, der) => {
  expect(derSignature(signature)?.toString('hex')).toBe(der);
});

test('the outermost numbers inside 1..n-1 are encoded minimally', () => {
  expect(derSignature(raw(1n, 1n))?.toString('hex')).toBe('3006020101020101');
  expect(derSignature(raw(n - 1n, 1n))?.toString('hex')).toBe(`3026022100${scalar(n - 1n).toString('hex')}020101`);
});

describe('in a token', () => {
  const names = { issuer: 'https://issuer.test', audience: 'test-service' };
  const verifier = createVerifier({ ...names, jwks: { keys: { keys: [key.jwk] } }, clock: () => start * 1000 });
  const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid });
  const good = (input: Buffer) => sign('sha256', input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  const verdictOn = (signer: (input: Buffer) => Buffer) =>
    verdict(() => verifier.verifySync(forge(header, JSON.stringify(goodClaims()), signer)));

  test.each([
    ['r = s = 0', () => raw(0n, 0n)],
    ['r = 0, s = 1', () => raw(0n, 1n)],
    ['r = s = n', () => raw(n, n)],
    ['DER in place of raw', (input: Buffer) => sign('sha256', input, key.privateKey)],
    ['a byte too many', (input: Buffer) => Buffer.concat([good(input), Buffer.alloc(1)])],
    ['a byte too few', (input: Buffer) => good(input).subarray(0, 63)],
    ['nothing', () => Buffer.alloc(0)],
  ])('%s is refused', (_, signer) => {
    expect(verdictOn(signer)).toBe('signature_invalid');
  });

  // The rule of SEC 1 section 4.1.4 step 1 is OpenSSL's to keep, whichever one this Node.js brings.
  test.each([0n, n, n + 1n, 2n ** 256n - 1n])('%d, outside 1..n-1, is refused', (value) => {
    for (const signature of [raw(value, 1n), raw(1n, value), raw(value, value)])
      expect(verdictOn(() => signature)).toBe('signature_invalid');
  });

  test('a good signature with n added to s, or its first bit cut off, is refused', () => {
    const withS = (change: (s: bigint) => bigint) => (input: Buffer) => {
      const signature = good(input);
      const s = BigInt(`0x${signature.toString('hex', 32)}`);
      return Buffer.concat([signature.subarray(0, 32), scalar(change(s))]);
    };
    expect(verdictOn(withS((s) => (s + n) % 2n ** 256n))).toBe('signature_invalid');
    expect(verdictOn(withS((s) => s ^ (1n << 255n)))).toBe('signature_invalid');
  });

  test('the plain signature is accepted', () => {
    expect(verdictOn(good)).toBe('accepted');
  });
});
