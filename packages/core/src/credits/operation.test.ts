import { expect, test } from 'vitest';

import { testClock } from '../../test/scope.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { idSource } from '../kernel/ids.ts';
import { SCRIPT } from '../scope.ts';
import { parseOperation, type PostInput } from './operation.ts';

const scope = { newId: idSource(testClock()), context: SCRIPT };
const userId = scope.newId();
const valid: PostInput = { type: 'purchase', userId, amount: 1 };

const deep = (levels: number): { [name: string]: never } => (levels === 1 ? {} : { in: deep(levels - 1) }) as never;
const refused: [title: string, field: string, input: object][] = [
  ['an amount of zero', 'amount', { amount: 0 }],
  ['a negative amount', 'amount', { amount: -1 }],
  ['a fraction', 'amount', { amount: 1.5 }],
  ['an amount beyond 2^53 - 1', 'amount', { amount: 2 ** 53 }],
  ['an amount that is text', 'amount', { amount: '1' }],
  ['an adjustment of zero', 'amount', { type: 'adjustment', amount: 0, description: 'none' }],
  ['an adjustment without a description', 'description', { type: 'adjustment', description: ' ' }],
  ['a description that is too long', 'description', { description: 'x'.repeat(501) }],
  ['a reference that is too long', 'reference', { reference: 'x'.repeat(201) }],
  ['a reference with a NUL', 'reference', { reference: 'a\0b' }],
  ['a description with half a character', 'description', { description: '\ud83d' }],
  ['an empty idempotency key', 'idempotencyKey', { idempotencyKey: '' }],
  ['an idempotency key that is too long', 'idempotencyKey', { idempotencyKey: 'k'.repeat(201) }],
  ['metadata that is a list', 'metadata', { metadata: [] }],
  ['metadata that is too large', 'metadata', { metadata: { text: 'x'.repeat(4096) } }],
  ['metadata that is too deep', 'metadata', { metadata: deep(17) }],
  ['metadata with a NUL', 'metadata', { metadata: { text: '\0' } }],
  ['metadata with half a character in a name', 'metadata', { metadata: { '\udc00': 1 } }],
  ['metadata that is no JSON', 'metadata', { metadata: { n: Number.NaN } }],
  ['an unknown type', 'type', { type: 'gift' }],
  ['a user id that is none', 'userId', { userId: 'me' }],
  ['a refund of nothing', 'refundOf', { type: 'refund' }],
  ['a spend that refunds', 'refundOf', { refundOf: '00000000-0000-7000-8000-00000000000f' }],
];
test.for(refused)('%s is refused, naming the field', ([, field, input]) => {
  const parse = (): unknown => parseOperation(scope, { ...valid, ...input });
  expect(parse).toThrow(InvalidInput);
  expect(parse).toThrow(expect.objectContaining({ fields: [expect.objectContaining({ field })] }));
});

test('what is exactly at a bound is accepted', () => {
  const atBounds = {
    description: 'd'.repeat(500),
    reference: 'r'.repeat(200),
    idempotencyKey: 'k'.repeat(200),
    metadata: { text: 'x'.repeat(4096 - '{"text":""}'.length) },
  };
  expect(parseOperation(scope, { ...valid, ...atBounds, amount: 2 ** 53 - 1 })).toMatchObject({ amount: 2 ** 53 - 1 });
  expect(parseOperation(scope, { ...valid, metadata: deep(16) })).toMatchObject({ metadata: deep(16) });
  expect(
    parseOperation(scope, { ...valid, type: 'adjustment', amount: -(2 ** 53 - 1), description: 'all' }),
  ).toMatchObject({
    amount: -(2 ** 53 - 1),
  });
});

test('two requests are the same whatever the order of their metadata, and differ in any field that counts', () => {
  const hash = (input: Partial<PostInput>): string | undefined =>
    parseOperation(scope, { ...valid, idempotencyKey: 'k', ...input }).requestHash?.toString('hex');
  expect(hash({ metadata: { a: 1, b: 2 } })).toBe(hash({ metadata: { b: 2, a: 1 } }));
  const others: Partial<PostInput>[] = [
    { amount: 2 },
    { type: 'spend' },
    { userId: scope.newId() },
    { reference: 'r' },
    { description: 'd' },
    { metadata: {} },
    { type: 'refund', refundOf: scope.newId() },
  ];
  const hashes = [{}, ...others].map(hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
