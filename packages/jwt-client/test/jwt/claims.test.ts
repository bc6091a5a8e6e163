import { describe, expect, test } from 'vitest';
import { generateSigningKey } from '../../src/testing/signing-key.ts';
import { createVerifier } from '../../src/index.ts';
import { base64url, es256, forge, goodClaims, start, verdict } from '../setting.ts';

const key = generateSigningKey('ES256');
const verifier = createVerifier({
  issuer: 'https://issuer.test',
  audience: 'test-service',
  jwks: { keys: { keys: [key.jwk] } },
  clock: () => start * 1000,
});
const header = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid });
const verdictOn = (payload: string) =>
  verdict(() => verifier.verifySync(forge(header, payload, es256(key.privateKey))));

test('a token with the seven claims of RFC 9068 and no other is accepted', () => {
  expect(verdictOn(JSON.stringify(goodClaims()))).toBe('accepted');
});

test.each(['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti'])(
  'a token without %s is refused, by name',
  (claim) => {
    const token = forge(header, JSON.stringify(goodClaims({ [claim]: undefined })), es256(key.privateKey));
    expect(() => verifier.verifySync(token)).toThrow(expect.objectContaining({ code: 'claim_missing', claim }));
  },
);

describe('claims of the wrong type are refused', () => {
  const wrongTimes = ['"1767226500"', 'null', '1e400', '-1', '9007199254740992', '1767226500.5', 'true', '[]', '{}'];
  const wrongTexts = ['""', 'null', '1', '[]', '["a"]', '{}', 'true'];
  const cases: [string, string[]][] = [
    ...['exp', 'iat', 'nbf'].map((name): [string, string[]] => [name, wrongTimes]),
    ...['iss', 'sub', 'client_id', 'jti', 'sid'].map((name): [string, string[]] => [name, wrongTexts]),
    ['aud', ['""', 'null', '1', '[]', '[1]', '{}', '{"0":"test-service"}', '["test-service",null]']],
    ['scope', ['null', '1', '["users:read"]', '{}']],
    ['roles', ['null', '"admin"', '[1]', '[["admin"]]', '{"0":"admin"}']],
  ];
  test.each(cases.flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    '%s: %s',
    (name, value) => {
      const rest = JSON.stringify(goodClaims({ [name]: undefined }));
      expect(verdictOn(`{"${name}":${value},${rest.slice(1)}`)).toBe('claim_invalid');
    },
  );
});

describe('a signed payload is still parsed strictly', () => {
  const good = JSON.stringify(goodClaims()).slice(1);
  const deep = (levels: number) => `{"deep":${'['.repeat(levels)}${']'.repeat(levels)},${good}`;
  test.each([
    ['a member twice', `{"sub":"admin",${good}`],
    ['a member twice, once spelt with an escape', `{"s\\u0075b":"admin",${good}`],
    ['a nested member twice', `{"act":{"sub":"a","sub":"b"},${good}`],
    ['__proto__', `{"__proto__":{"roles":["admin"]},${good}`],
    ['__proto__ inside a claim', `{"act":[{"__proto__":{}}],${good}`],
    ['nine levels', deep(8)],
    ['thousands of levels', deep(2000)],
    ['an array', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['a byte order mark', `\uFEFF{${good}`],
    ['two documents', `{${good}{}`],
  ])('%s is refused', (_, payload) => {
    expect(verdictOn(payload)).toBe('token_malformed');
  });

  test('eight levels, colons and quotes inside texts are fine', () => {
    expect(verdictOn(deep(7))).toBe('accepted');
    expect(verdictOn(`{"note":"a:\\"b\\":c\\\\",${good}`)).toBe('accepted');
    expect(verdictOn(`{"note":"a\\":",${good}`)).toBe('accepted');
  });

  test('bytes that are not UTF-8 are refused', () => {
    const payload = Buffer.concat([Buffer.from(`{"note":"`), Buffer.from([0xc3, 0x28]), Buffer.from(`",${good}`)]);
    const input = `${base64url(header)}.${base64url(payload)}`;
    const token = `${input}.${es256(key.privateKey)(Buffer.from(input)).toString('base64url')}`;
    expect(verdict(() => verifier.verifySync(token))).toBe('token_malformed');
  });
});
