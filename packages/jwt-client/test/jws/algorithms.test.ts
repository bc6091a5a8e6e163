import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Algorithm, createVerifier } from '../../src/index.ts';
import { generateSigningKey, signCompact } from '../../src/testing/signing-key.ts';
import { base64url, es256, forge, goodClaims, hs256, rs256, start, verdict } from '../setting.ts';

const keys = {
  RS256: generateSigningKey('RS256'),
  PS256: generateSigningKey('PS256'),
  ES256: generateSigningKey('ES256'),
};
const publicKeys = { keys: Object.values(keys).map((key) => key.jwk) };
const payload = JSON.stringify(goodClaims());
const offered: Algorithm[] = ['RS256', 'PS256', 'ES256'];

function verifierFor(jwks: { keys: object[] }, algorithms: readonly Algorithm[] = offered) {
  const names = { issuer: 'https://issuer.test', audience: 'test-service' };
  return createVerifier({ ...names, algorithms, jwks: { keys: jwks }, clock: () => start * 1000 });
}

const verifier = verifierFor(publicKeys);
const verdictOn = (token: string) => verdict(() => verifier.verifySync(token));
const header = (alg: string, kid: string, more = {}) => JSON.stringify({ alg, typ: 'at+jwt', kid, ...more });

describe.each(offered)('%s', (alg) => {
  const key = keys[alg];
  const token = signCompact({ alg, typ: 'at+jwt', kid: key.kid }, goodClaims(), key);

  test('a right signature is accepted', () => {
    expect(verdictOn(token)).toBe('accepted');
  });

  test('every flipped bit of the signature is noticed', () => {
    const [head, body, signature = ''] = token.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 37) {
      const bent = Buffer.from(bytes);
      bent[bit >> 3] = bent.readUInt8(bit >> 3) ^ (1 << (bit & 7));
      expect(verdictOn(`${head}.${body}.${bent.toString('base64url')}`)).toBe('signature_invalid');
    }
  });

  test('a changed payload is noticed', () => {
    const [head, , signature] = token.split('.');
    const bent = base64url(JSON.stringify(goodClaims({ roles: ['admin'] })));
    expect(verdictOn(`${head}.${bent}.${signature}`)).toBe('signature_invalid');
  });

  test('a signature by another key of the same kind is refused', () => {
    const stranger = generateSigningKey(alg);
    expect(verdictOn(signCompact({ alg, typ: 'at+jwt', kid: key.kid }, goodClaims(), stranger))).toBe(
      'signature_invalid',
    );
  });

  test('it is refused when it is not on the list of the verifier', () => {
    const others = verifierFor(
      publicKeys,
      offered.filter((name) => name !== alg),
    );
    expect(verdict(() => others.verifySync(token))).toBe('algorithm_not_allowed');
  });

  test.each(offered.filter((name) => name !== alg))('its key is not used for %s', (other) => {
    const bent = signCompact({ alg: other, typ: 'at+jwt', kid: key.kid }, goodClaims(), key);
    expect(verdictOn(bent)).toBe('algorithm_not_allowed');
  });
});

describe('no signature at all', () => {
  const spellings = ['none', 'None', 'NONE', 'nOnE', ' none', 'none\u0000', '', 'null'];
  test.each(spellings)('alg "%s" is refused', (alg) => {
    const unsigned = forge(header(alg, keys.RS256.kid), payload, () => Buffer.alloc(0));
    expect(verdictOn(unsigned)).toBe('algorithm_not_allowed');
  });

  test.each([
    undefined,
    null,
    1,
    ['RS256'],
    { toString: 'RS256' },
    'constructor',
    '__proto__',
    'rs256',
    'RS512',
    'EdDSA',
  ])('alg %s is refused', (alg) => {
    const token = forge(
      JSON.stringify({ alg, typ: 'at+jwt', kid: keys.RS256.kid }),
      payload,
      rs256(keys.RS256.privateKey),
    );
    expect(verdictOn(token)).toBe('algorithm_not_allowed');
  });
});

describe('the public key as HMAC secret (algorithm confusion)', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secrets = {
    'SPKI PEM': spki,
    'SPKI PEM without the last line break': spki.trimEnd(),
    'SPKI PEM with CRLF': spki.replaceAll('\n', '\r\n'),
    'SPKI PEM with a byte order mark': `\uFEFF${spki}`,
    'PKCS #1 PEM': publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    'SPKI DER': publicKey.export({ type: 'spki', format: 'der' }),
    JWK: JSON.stringify(publicKey.export({ format: 'jwk' })),
    nothing: '',
  };
  const own = verifierFor({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'rsa', alg: 'RS256' }] });

  test.each(Object.entries(secrets))('%s', (_, secret) => {
    const asHmac = forge(header('HS256', 'rsa'), payload, hs256(secret));
    const asRsa = forge(header('RS256', 'rsa'), payload, hs256(secret));
    expect(verdict(() => own.verifySync(asHmac))).toBe('algorithm_not_allowed');
    expect(verdict(() => own.verifySync(asRsa))).toBe('signature_invalid');
  });

  test('the key itself is good', () => {
    expect(verdict(() => own.verifySync(forge(header('RS256', 'rsa'), payload, rs256(privateKey))))).toBe('accepted');
  });
});

describe('a key that the token brings along', () => {
  const attacker = generateSigningKey('ES256');
  const brought = {
    jwk: attacker.jwk,
    jku: 'https://evil.test/jwks.json',
    x5u: 'https://evil.test/chain',
    x5c: ['MIIB'],
  };

  test('is not used', () => {
    const token = forge(header('ES256', keys.ES256.kid, brought), payload, es256(attacker.privateKey));
    expect(verdictOn(token)).toBe('signature_invalid');
    expect(verdictOn(forge(header('ES256', attacker.kid, brought), payload, es256(attacker.privateKey)))).toBe(
      'kid_unknown',
    );
  });

  test('does no harm to a token that is signed rightly', () => {
    const token = forge(header('ES256', keys.ES256.kid, brought), payload, es256(keys.ES256.privateKey));
    expect(verdictOn(token)).toBe('accepted');
  });
});

test('a token inside a token is refused', () => {
  const inner = signCompact({ alg: 'ES256', typ: 'at+jwt', kid: keys.ES256.kid }, goodClaims(), keys.ES256);
  const head = header('ES256', keys.ES256.kid, { cty: 'JWT' });
  expect(verdictOn(forge(head, inner, es256(keys.ES256.privateKey)))).toBe('token_malformed');
});
