import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createVerifier } from '../src/index.ts';
import { generateSigningKey, signCompact } from '../src/testing/signing-key.ts';
import { createTestIssuer } from '../src/testing/index.ts';
import { goodClaims, openSetting, start, testClock, verdict, verdictOf } from './setting.ts';

// The checklist: every class of attack on tokens, and every known gap of other verifiers, with the file and the words
// of the test that stands against it. What needs more than one room is tested below.

const checklist = {
  'alg none in every spelling': ['jws/algorithms.test.ts', 'no signature at all'],
  'the public key as HMAC secret: PEM, DER, JWK, BOM, line breaks': ['jws/algorithms.test.ts', 'algorithm confusion'],
  'an algorithm other than the key’s': ['jws/algorithms.test.ts', 'its key is not used for %s'],
  'JWK without alg': ['jwks/jwk.test.ts', 'without alg'],
  'keys of the wrong type, size, use, key_ops': ['jwks/jwk.test.ts', 'keys that are passed over'],
  'keys with the fingerprint of ROCA': ['jwks/jwk.test.ts', 'RSA with the fingerprint of ROCA'],
  'two keys under one kid': ['jwks/jwk.test.ts', 'two keys under one kid'],
  'keys that the token brings along': ['jws/algorithms.test.ts', 'a key that the token brings along'],
  'injection by kid': ['jws/header.test.ts', 'is only a name that nobody published'],
  'crit and b64': ['jws/header.test.ts', 'an unknown crit'],
  'ECDSA with r = s = 0, r or s >= n': ['node/ecdsa.test.ts', 'outside 1..n-1, is refused'],
  'ECDSA in DER, or of the wrong length': ['node/ecdsa.test.ts', 'DER in place of raw'],
  JWE: ['jws/compact.test.ts', 'five parts (JWE)'],
  'a token inside a token': ['jws/algorithms.test.ts', 'a token inside a token'],
  'JSON serialization': ['jws/compact.test.ts', 'general JSON serialization'],
  'claims of the wrong type, 1e400, -1, 2^53': ['jwt/claims.test.ts', 'claims of the wrong type'],
  'iss in an array or as a prefix': ['jwt/validity.test.ts', 'the issuer in an array'],
  'other tokens of the issuer': ['attacks.test.ts', 'no other document of the issuer passes'],
  'cache confusion': ['attacks.test.ts', 'a remembered token helps nobody else'],
  'malleable text': ['jws/compact.test.ts', 'other spellings of a valid token'],
  'duplicate members, __proto__, depth': ['jwt/claims.test.ts', 'still parsed strictly'],
  size: ['jws/compact.test.ts', 'a longer one is refused'],
  'a flood of unknown kids': ['jwks/remote-key-set.test.ts', 'a thousand unknown kids'],
  'a hostile key set: size, redirects, dribble': ['http/download.test.ts', 'a redirect is not followed'],
  'a hostile discovery document': ['http/download.test.ts', 'another issuer in the document'],
  'a hostile revocation feed': ['revocation/document.test.ts', 'cannot be trusted or understood'],
  'time boundaries': ['jwt/validity.test.ts', 'with 5 s tolerance'],
  'a clock that jumps': ['attacks.test.ts', 'a clock that jumps an hour'],
  'errors that echo the token': ['errors.test.ts', 'nothing in an error echoes the token'],
  'jose: refuses all tokens in an outage': ['jwks/remote-key-set.test.ts', 'no valid token is refused in an hour'],
  'aws-jwt-verify: never drops a withdrawn key': ['jwt/token-cache.test.ts', 'whose key was withdrawn'],
  'jwks-rsa, get-jwks: a fetch for each unknown kid': ['jwks/remote-key-set.test.ts', 'also when that fetch fails'],
  'jsonwebtoken, aws-jwt-verify: accept an unknown crit': ['differential.test.ts', 'on the list of strictness'],
  'jose and others: missing exp, future iat, any typ, 1 MB': ['differential.test.ts', 'what the others let pass'],
  'fast-jwt: expired tokens from the cache': ['jwt/token-cache.test.ts', 'an expired token is refused although'],
  'all: logged-out users keep their access': ['revocation/feed.test.ts', 'what is revoked is refused'],
  'WebCrypto: waits behind password hashes': ['attacks.test.ts', 'verifySync() answers before anything else runs'],
} as const;

test.each(Object.entries(checklist))('%s: has its test', async (_, [file, words]) => {
  const text = await readFile(new URL(file, import.meta.url), 'utf8');
  expect(text.replace(file === 'attacks.test.ts' ? `'${words}'],` : '', '')).toContain(words);
});

describe('no other document of the issuer passes for an access token', () => {
  test.each([
    ['a receipt', 'receipt+jwt'],
    ['a revocation feed', 'revocations+jwt'],
    ['an ID token', 'JWT'],
    ['a logout token', 'logout+jwt'],
    ['a client assertion', 'client-authentication+jwt'],
  ])('%s', async (_, typ) => {
    const { issuer, verifier } = await openSetting();
    expect(verdict(() => verifier.verifySync(issuer.mint({}, { typ })))).toBe('type_mismatch');
    expect(verdict(() => verifier.verifySync(issuer.mintReceipt()))).toBe('type_mismatch');
  });
});

describe('a remembered token helps nobody else', () => {
  test('not a second spelling of it', async () => {
    const { issuer, verifier } = await openSetting();
    const token = issuer.mint();
    verifier.verifySync(token);
    for (const respelt of [`${token}=`, ` ${token}`, `${token}.`, token.toUpperCase()])
      expect(verdict(() => verifier.verifySync(respelt))).not.toBe('accepted');
  });

  test('not a service with another audience', async () => {
    const { issuer, verifier } = await openSetting();
    const token = issuer.mint();
    verifier.verifySync(token);
    const other = createVerifier({ ...issuer.verifierOptions, audience: 'other-service' });
    expect(await verdictOf(other.verify(token))).toBe('audience_mismatch');
  });

  test('not when another key is published under its kid', async () => {
    const clock = testClock();
    const key = generateSigningKey('ES256');
    const replaced = { ...generateSigningKey('ES256').jwk, kid: key.kid };
    let published: object = key.jwk;
    const fetch = async () => Response.json({ keys: [published] });
    const names = { issuer: 'https://issuer.test', audience: 'test-service' };
    const verifier = createVerifier({ ...names, clock, jwks: { uri: 'https://issuer.test/keys', fetch } });
    const token = signCompact({ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, goodClaims(), key);
    expect(await verdictOf(verifier.verify(token))).toBe('accepted');
    published = replaced;
    clock.advance(400);
    expect(await verdictOf(verifier.verify(token))).toBe('signature_invalid');
  });
});

describe('a clock that jumps an hour either way revives nothing', () => {
  test.each([3600, -3600])('by %d s: not an expired token', async (jump) => {
    const { issuer, verifier, clock } = await openSetting();
    const token = issuer.mint();
    verifier.verifySync(token);
    clock.set(start + 905);
    expect(await verdictOf(verifier.verify(token))).toBe('token_expired');
    clock.advance(jump);
    expect(await verdictOf(verifier.verify(token))).toBe(jump > 0 ? 'token_expired' : 'token_issued_in_future');
    clock.advance(-jump);
    expect(await verdictOf(verifier.verify(token))).toBe('token_expired');
  });

  test.each([3600, -3600])('by %d s: not a withdrawn key', async (jump) => {
    const { issuer, verifier, clock } = await openSetting();
    const withdrawn = issuer.kid;
    const token = issuer.mint({ exp: start + 36_000 });
    issuer.rotate();
    issuer.withdraw(withdrawn);
    clock.advance(400);
    expect(await verdictOf(verifier.verify(token))).toBe('kid_unknown');
    clock.advance(jump);
    expect(await verdictOf(verifier.verify(token))).not.toBe('accepted');
    clock.advance(-jump);
    expect(await verdictOf(verifier.verify(token))).toBe('kid_unknown');
  });
});

test('verifySync() answers before anything else runs: it waits for no thread, timer or promise', async () => {
  const issuer = createTestIssuer();
  const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { keys: issuer.jwks() } });
  const order: string[] = [];
  const later = Promise.resolve().then(() => order.push('anything else'));
  order.push(verifier.verifySync(issuer.mint({ sub: 'ada' })).subject);
  await later;
  expect(order).toEqual(['ada', 'anything else']);
});
