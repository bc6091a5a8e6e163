import { describe, expect, test } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { generateSigningKey } from '../../src/testing/signing-key.ts';
import { es256, forge, goodClaims, openSetting, start, verdict } from '../setting.ts';

const { issuer, verifier } = await openSetting();
const verdictOn = (header: Record<string, unknown>) => verdict(() => verifier.verifySync(issuer.mint({}, header)));

describe('typ says that this is an access token', () => {
  test.each(['at+jwt', 'application/at+jwt'])('%s is accepted', (typ) => {
    expect(verdictOn({ typ })).toBe('accepted');
  });

  test.each(['JWT', 'AT+JWT', 'at+jwt ', 'logout+jwt', 'dpop+jwt', 'secevent+jwt', '', null, 1, ['at+jwt'], undefined])(
    '%s is refused: an ID token, logout token or the like is no access token',
    (typ) => {
      expect(verdictOn({ typ })).toBe('type_mismatch');
    },
  );
});

describe('extensions', () => {
  test.each([
    ['an unknown crit', { crit: ['exp'], exp: start + 900 }],
    ['crit b64', { crit: ['b64'], b64: false }],
    ['b64 without crit', { b64: false }],
    ['an empty crit', { crit: [] }],
    ['a crit of null', { crit: null }],
  ])('%s is refused', (_, header) => {
    expect(verdictOn(header)).toBe('critical_unsupported');
  });
});

describe('kid', () => {
  test.each([undefined, null, '', 1, {}, ['a'], 'x'.repeat(129)])('%s is refused', (kid) => {
    expect(verdictOn({ kid })).toBe('kid_invalid');
  });

  test.each([
    '../../etc/passwd',
    "' or 1=1 --",
    'constructor',
    '__proto__',
    'x'.repeat(128),
    '\u0000',
    'a\r\nSet-Cookie: b',
  ])('%s is only a name that nobody published', async (kid) => {
    await expect(verifier.verify(issuer.mint({}, { kid }))).rejects.toMatchObject({ code: 'kid_unknown' });
  });
});

describe('duplicate members', () => {
  const key = generateSigningKey('ES256');
  const own = createVerifier({
    issuer: 'https://issuer.test',
    audience: 'test-service',
    jwks: { keys: { keys: [key.jwk] } },
    clock: () => start * 1000,
  });
  const verdictOnText = (header: string) =>
    verdict(() => own.verifySync(forge(header, JSON.stringify(goodClaims()), es256(key.privateKey))));

  test.each([
    ['alg', `{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"${key.kid}"}`],
    ['kid', `{"alg":"ES256","typ":"at+jwt","kid":"other","kid":"${key.kid}"}`],
    ['an unknown one', `{"alg":"ES256","typ":"at+jwt","kid":"${key.kid}","x":1,"x":1}`],
    ['one spelt with an escape', `{"\\u0061lg":"none","alg":"ES256","typ":"at+jwt","kid":"${key.kid}"}`],
  ])('%s twice is refused', (_, header) => {
    expect(verdictOnText(header)).toBe('token_malformed');
  });

  test('spaces between members are fine', () => {
    expect(verdictOnText(`{ "alg" : "ES256",\n\t"typ":"at+jwt", "kid":"${key.kid}" }`)).toBe('accepted');
  });
});
