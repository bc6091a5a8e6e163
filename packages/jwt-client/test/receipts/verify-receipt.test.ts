import { describe, expect, test } from 'vitest';
import { ReceiptInvalid, verifyReceipt } from '../../src/receipts/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import { start, testClock } from '../setting.ts';

const clock = testClock();
const issuer = createTestIssuer({ algorithm: 'ES256', clock });
const options = { issuer: issuer.issuer, keys: issuer.jwks(), clock };

function verdictOn(receipt: unknown, more: object = {}): string {
  try {
    verifyReceipt(receipt as string, { ...options, ...more });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ReceiptInvalid)) throw error;
    return error.member === undefined ? error.code : `${error.code}: ${error.member}`;
  }
}

test('a receipt says what was posted, for whom and when', () => {
  const entry = { id: 'e-1', account: 'a-1', seq: 7, type: 'spend', amount: -30, balance_after: 70, hash: 'h-7' };
  const receipt = issuer.mintReceipt({ ...entry, created_at: '2026-01-01T00:00:00.000Z' }, { sub: 'ada' });
  expect(verifyReceipt(receipt, options)).toEqual({
    subject: 'ada',
    issuedAt: new Date(start * 1000),
    receipt: { ...entry, created_at: '2026-01-01T00:00:00.000Z' },
  });
});

test('it proves the same after years: a receipt does not expire', () => {
  const receipt = issuer.mintReceipt();
  expect(verdictOn(receipt, { clock: () => (start + 10 * 365 * 86_400) * 1000 })).toBe('accepted');
});

describe('whose receipt it is can be asked for', () => {
  const receipt = issuer.mintReceipt({ account: 'a-1' }, { sub: 'ada' });
  test.each([
    [{ subject: 'ada', account: 'a-1' }, 'accepted'],
    [{ subject: 'bob' }, 'receipt_mismatch: sub'],
    [{ account: 'a-2' }, 'receipt_mismatch: account'],
    [{ issuer: 'https://evil.test' }, 'receipt_mismatch: iss'],
  ])('%j: %s', (expected, verdict) => {
    expect(verdictOn(receipt, expected)).toBe(verdict);
  });
});

describe('refused', () => {
  const stranger = createTestIssuer({ algorithm: 'ES256', clock });
  const other = createTestIssuer({ algorithm: 'RS256', clock });
  const bend = (receipt: string) => receipt.slice(0, -2) + (receipt.at(-2) === 'A' ? 'B' : 'A') + receipt.at(-1);
  test.each<[string, unknown, object, string]>([
    ['an access token', issuer.mint(), {}, 'receipt_malformed'],
    ['one signed by a stranger', stranger.mintReceipt(), {}, 'receipt_untrusted'],
    ['one whose signature was changed', bend(issuer.mintReceipt()), {}, 'receipt_untrusted'],
    ['an algorithm that is not accepted', issuer.mintReceipt(), { algorithms: ['RS256'] }, 'receipt_untrusted'],
    ['a key that is not in the set', issuer.mintReceipt(), { keys: other.jwks() }, 'receipt_untrusted'],
    ['no string', null, {}, 'receipt_malformed'],
    ['text', 'receipt', {}, 'receipt_malformed'],
    ['one of 9 kB', issuer.mintReceipt({ pad: 'x'.repeat(9000) }), {}, 'receipt_malformed'],
    ['one of the future', issuer.mintReceipt({}, { iat: start + 6 }), {}, 'receipt_mismatch: iat'],
    ['one without time', issuer.mintReceipt({}, { iat: undefined }), {}, 'receipt_mismatch: iat'],
    ['one without user', issuer.mintReceipt({}, { sub: '' }), {}, 'receipt_mismatch: sub'],
    ['one without entry', issuer.mintReceipt({}, { receipt: [] }), {}, 'receipt_malformed: receipt'],
  ])('%s', (_, receipt, more, verdict) => {
    expect(verdictOn(receipt, more)).toBe(verdict);
  });

  test.each<[string, unknown]>([
    ['id', ''],
    ['account', 1],
    ['seq', 0],
    ['seq', 1.5],
    ['type', undefined],
    ['amount', '100'],
    ['amount', 2 ** 53],
    ['balance_after', null],
    ['hash', ''],
    ['created_at', 'yesterday'],
    ['created_at', '2026-13-41T00:00:00Z'],
  ])('an entry whose %s is %j', (member, value) => {
    expect(verdictOn(issuer.mintReceipt({ [member]: value }))).toBe(`receipt_malformed: ${member}`);
  });
});

test('nothing in the error repeats the receipt', () => {
  const receipt = issuer.mintReceipt({ id: 'hunter2' }, { iss: 'hunter2' });
  const failure = (() => {
    try {
      return verifyReceipt(receipt, options);
    } catch (error) {
      return error as Error;
    }
  })();
  expect(failure).toBeInstanceOf(ReceiptInvalid);
  expect(String((failure as Error).stack)).not.toContain('hunter2');
});

test('keys that are no JWK Set are a mistake of the caller', () => {
  expect(() => verifyReceipt(issuer.mintReceipt(), { ...options, keys: [] as never })).toThrow(TypeError);
});
