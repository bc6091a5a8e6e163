import { expect, test } from 'vitest';

import { wholeNumber } from './whole-number.ts';

const MAX = 2 ** 53 - 1;

test('bigint columns are exact up to ±(2^53 - 1), as text or as number', () => {
  for (const exact of [0, 1, -1, MAX, -MAX]) {
    expect(wholeNumber(exact)).toBe(exact);
    expect(wholeNumber(String(exact))).toBe(exact);
  }
});

test('what no number holds exactly is an error, never rounded', () => {
  for (const wrong of [
    '9007199254740992',
    '-9007199254740993',
    2 ** 53,
    1.5,
    '1.5',
    '',
    'x',
    null,
    undefined,
    Number.NaN,
  ]) {
    expect(() => wholeNumber(wrong)).toThrow(RangeError);
  }
});
