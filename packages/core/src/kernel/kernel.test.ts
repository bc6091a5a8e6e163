import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { testClock } from '../../test/scope.ts';
import { InvalidInput } from './errors.ts';
import { checkText, requireValid } from './fields.ts';
import { idSource, isId } from './ids.ts';
import { createLimiter, Overloaded } from './limiter.ts';
import { parseLimit, parsePage } from './page.ts';
import { createVault, Secret } from './secrets.ts';

describe('ids', () => {
  test('ids sort in the order they were made, also within a millisecond and when the clock steps back', () => {
    const clock = testClock();
    const newId = idSource(clock);
    const made = Array.from({ length: 10_000 }, (_, index) => {
      if (index === 5_000) clock.advanceSeconds(-3_600);
      return newId();
    });
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
    expect(made.every(isId)).toBe(true);
  });

  test('an id says when it was made (RFC 9562, 5.7)', () => {
    const id = idSource(testClock('2026-01-15T12:00:00.000Z'))();
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2026-01-15T12:00:00.000Z'));
    expect(id[14]).toBe('7');
  });

  test.each(['', 'x', '0190a6ce-0000-7000-8000-00000000000G', '0190A6CE-0000-7000-8000-000000000000', '0'.repeat(36)])(
    '%j is no id',
    (text) => expect(isId(text)).toBe(false),
  );
});

describe('secrets', () => {
  const vault = createVault(new Secret('a'.repeat(32)));
  const UNAUTHENTICATED = /altered, moved, or sealed under another secret/;

  test('a secret prints as [secret] wherever it is written out', () => {
    const secret = new Secret('hunter2hunter2');
    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret }, { depth: 5 })}`).not.toContain(
      'hunter2',
    );
  });

  test('what was sealed opens only with the same key and in the same place', () => {
    const sealed = vault.seal('private', 'row:1');
    expect(vault.open(sealed, 'row:1')).toBe('private');
    expect(() => vault.open(sealed, 'row:2')).toThrow(UNAUTHENTICATED);
    expect(() => createVault(new Secret('b'.repeat(32))).open(sealed, 'row:1')).toThrow(UNAUTHENTICATED);
  });

  test('a sealed text with one bit changed does not open', () => {
    const bytes = Buffer.from(vault.seal('private', 'row:1'), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
      expect(() => vault.open(altered.toString('base64url'), 'row:1')).toThrow(UNAUTHENTICATED);
    }
  });

  test('a short secret key is refused with a way to make a good one', () => {
    expect(() => createVault(new Secret('short'))).toThrow(/at least 32 characters.*openssl/);
  });
});

describe('limiter', () => {
  test('runs as many tasks at once as allowed, queues some, and refuses the rest', async () => {
    const limiter = createLimiter({ concurrency: 2, waitMsMax: 1 });
    const finish: (() => void)[] = [];
    let runningMax = 0;
    const task = (): Promise<void> =>
      new Promise((resolve) => {
        finish.push(resolve);
        runningMax = Math.max(runningMax, finish.length);
      });
    const accepted = [1, 2, 3, 4].map(() => limiter.run(task));
    await expect(limiter.run(task)).rejects.toThrow(Overloaded);
    for (let finished = 0; finished < 4; finished++) {
      await Promise.resolve();
      while (finish.length === 0) await new Promise((resolve) => setImmediate(resolve));
      finish.shift()?.();
    }
    await Promise.all(accepted);
    expect(runningMax).toBe(2);
  });

  test('a task that fails gives its place free', async () => {
    const limiter = createLimiter({ concurrency: 1, waitMsMax: 1 });
    await expect(limiter.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(limiter.run(() => Promise.resolve('next'))).resolves.toBe('next');
  });
});

describe('pages and fields', () => {
  test.each([
    { page: 0 },
    { page: 1.5 },
    { page: -1 },
    { page: Number.NaN },
    { limit: 0 },
    { limit: 101 },
    { limit: 1000 },
  ])('%j is refused', (input) => expect(() => parsePage(input)).toThrow(InvalidInput));

  test('a page is 20 rows from the first unless told', () => {
    expect(parsePage({})).toEqual({ page: 1, limit: 20, offset: 0 });
    expect(parsePage({ page: 3, limit: 100 })).toEqual({ page: 3, limit: 100, offset: 200 });
    expect(parseLimit(undefined)).toBe(20);
  });

  test('every field at fault is named at once', () => {
    const check = (): void =>
      requireValid(
        checkText('name', 5, { max: 3 }),
        undefined,
        checkText('reason', 'abcd', { max: 3 }),
        checkText('note', 'a\u0007', { max: 3 }),
      );
    expect(check).toThrow(
      expect.objectContaining({
        fields: [
          { field: 'name', code: 'wrong_type', message: 'must be text' },
          { field: 'reason', code: 'wrong_length', message: 'must have 0 to 3 characters' },
          { field: 'note', code: 'control_characters', message: 'must not contain control characters' },
        ],
      }),
    );
  });
});
