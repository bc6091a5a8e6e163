import { describe, expect, test } from 'vitest';
import { openSetting, verdict } from '../setting.ts';

const { issuer, verifier } = await openSetting();
const token = issuer.mint();
const [header = '', payload = '', signature = ''] = token.split('.');
const verdictOn = (text: unknown) => verdict(() => verifier.verifySync(text as string));

/** Another text for the same bytes: the last character of 86 carries four bits that no byte uses. */
function flipTrailingBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(text.at(-1) ?? '');
  return text.slice(0, -1) + alphabet[last ^ 1];
}

test('the token as issued is accepted', () => {
  expect(verdictOn(token)).toBe('accepted');
});

describe('other spellings of a valid token are refused', () => {
  const flipped = flipTrailingBits(signature);
  test('flipped trailing bits decode to the same signature', () => {
    expect(Buffer.from(flipped, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(verdictOn(`${header}.${payload}.${flipped}`)).toBe('token_malformed');
  });

  test.each([
    ['padding', `${token}==`],
    ['a space in front', ` ${token}`],
    ['a space behind', `${token} `],
    ['a line break inside', `${header}.${payload.slice(0, 4)}\n${payload.slice(4)}.${signature}`],
    ['a foreign character inside', `${header}.${payload}.${signature.slice(0, 4)}!${signature.slice(4)}`],
    [
      'a character beyond Latin-1 inside',
      `${header}.${payload}.${signature.slice(0, 4)}\u{1f511}${signature.slice(4)}`,
    ],
    ['a zero byte behind', `${token}\0`],
    ['the Bearer scheme in front', `Bearer ${token}`],
  ])('%s', (_, text) => {
    expect(verdictOn(text)).toBe('token_malformed');
  });

  test('the alphabet of plain base64', () => {
    const bytes = Buffer.from(signature, 'base64url').toString('base64').replace(/=+$/, '');
    const plain = `${header}.${payload}.${bytes.replace(/^./, '+')}`;
    expect(verdictOn(plain)).toBe('token_malformed');
  });
});

describe('anything but three parts is refused', () => {
  test.each([
    ['nothing', ''],
    ['one part', header],
    ['two parts', `${header}.${payload}`],
    ['an extra empty part', `${token}.`],
    ['five parts (JWE)', `${header}.${payload}.${signature}.${payload}.${signature}`],
    ['no header', `.${payload}.${signature}`],
    ['dots', '..'],
    ['JSON serialization', JSON.stringify({ payload, protected: header, signature })],
    ['general JSON serialization', JSON.stringify({ payload, signatures: [{ protected: header, signature }] })],
  ])('%s', (_, text) => {
    expect(verdictOn(text)).toBe('token_malformed');
  });

  test.each([undefined, null, 0, {}, [], Buffer.from(token), new String(token)])('not a string: %s', (value) => {
    expect(verdictOn(value)).toBe('token_malformed');
  });

  test('no payload and no signature', () => {
    expect(verdictOn(`${header}..${signature}`)).toBe('signature_invalid');
    expect(verdictOn(`${header}.${payload}.`)).toBe('signature_invalid');
  });
});

/** A valid token of about that length, never longer. */
const sized = (characters: number) => {
  const short = issuer.mint({ pad: '' }).length;
  return issuer.mint({ pad: 'x'.repeat(Math.floor(((characters - short) * 3) / 4)) });
};

describe('size', () => {
  test('a token of almost 8192 characters is accepted', () => {
    expect(sized(8180).length).toBeGreaterThan(8170);
    expect(verdictOn(sized(8180))).toBe('accepted');
  });

  test('a longer one is refused, valid or not', () => {
    expect(verdictOn(sized(8200))).toBe('token_too_large');
    expect(verdictOn('.'.repeat(8193))).toBe('token_too_large');
  });
});
