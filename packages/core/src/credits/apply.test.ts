import fc from 'fast-check';
import { expect, test } from 'vitest';

import { NaiveLedger, step } from '../../test/ledger-naive.ts';
import { testClock } from '../../test/scope.ts';
import { DomainError } from '../kernel/errors.ts';
import { idSource } from '../kernel/ids.ts';
import { SCRIPT } from '../scope.ts';
import { apply, type Head, type Posting, type Refundable } from './apply.ts';
import { AccountFrozen, BalanceOutOfRange, InsufficientCredits } from './errors.ts';
import { hashEntry } from './hash.ts';
import { parseOperation, type Operation, type PostInput } from './operation.ts';

const NOW = new Date('2026-01-15T12:00:00.000Z');
const scope = { newId: idSource(testClock()), context: SCRIPT };
const userId = scope.newId();
const operation = (input: Omit<PostInput, 'userId'>): Operation =>
  parseOperation(scope, { description: 'test', userId, ...input });

const NEW_HEAD: Head = {
  accountId: scope.newId(),
  status: 'open',
  balance: 0,
  held: 0,
  floor: 0,
  ceiling: null,
  seq: 0,
  headHash: Buffer.alloc(0),
  headAt: null,
};

test('any run of operations ends as a naive ledger does, in a chain without gaps and in order of time', () => {
  const at = fc.integer({ min: -1000, max: 1000 });
  const frozen = fc.boolean();
  fc.assert(
    fc.property(fc.array(fc.record({ step, at, frozen }), { maxLength: 60 }), (moves) => {
      const naive = new NaiveLedger();
      const refundables = new Map<string, Refundable>();
      let head = NEW_HEAD;
      for (const move of moves) {
        naive.frozen = move.frozen;
        head = { ...head, status: move.frozen ? 'frozen' : 'open' };
        const { type, amount } = move.step;
        const refundOf = type === 'refund' ? (naive.spendOf(move.step) ?? scope.newId()) : undefined;
        const asked = operation({ type, amount, refundOf });
        const refundable = refundables.get(refundOf ?? '');
        const outcome = apply({ head, refundable }, asked, new Date(NOW.getTime() + move.at));
        expect(told(outcome)).toEqual(naive.post(move.step, asked.txId));
        if (outcome instanceof DomainError) continue;
        expectToFollow(head, outcome);
        head = outcome.head;
        if (outcome.refundable !== undefined) refundables.set(outcome.refundable.txId, outcome.refundable);
      }
      expect(BigInt(head.balance)).toBe(naive.balance);
    }),
    { numRuns: 300 },
  );
});

function told(outcome: Posting | DomainError): unknown {
  if (outcome instanceof DomainError) return { code: outcome.code };
  return { amount: outcome.entry.amount, balanceAfter: outcome.entry.balanceAfter };
}

function expectToFollow(before: Head, { head, entry }: Posting): void {
  expect(entry.seq).toBe(before.seq + 1);
  expect(entry.prevHash).toEqual(before.headHash);
  expect(entry.hash).toEqual(hashEntry(entry));
  expect(entry.createdAt.getTime()).toBeGreaterThanOrEqual(before.headAt?.getTime() ?? 0);
  expect(head).toEqual({
    ...before,
    balance: entry.balanceAfter,
    seq: entry.seq,
    headHash: entry.hash,
    headAt: entry.createdAt,
  });
}

test('what is held cannot be spent', () => {
  const head = { ...NEW_HEAD, balance: 10, held: 4 };
  expect(apply({ head }, operation({ type: 'spend', amount: 7 }), NOW)).toMatchObject({
    facts: { available: 6, required: 7 },
  });
  expect(apply({ head }, operation({ type: 'spend', amount: 6 }), NOW)).toMatchObject({
    head: { balance: 4, held: 4 },
  });
});

test('a floor below zero is a limit for overdrafts', () => {
  const head = { ...NEW_HEAD, floor: -50 };
  expect(apply({ head }, operation({ type: 'spend', amount: 50 }), NOW)).toMatchObject({ head: { balance: -50 } });
  expect(apply({ head }, operation({ type: 'spend', amount: 51 }), NOW)).toBeInstanceOf(InsufficientCredits);
});

test('a ceiling is not exceeded', () => {
  const head = { ...NEW_HEAD, ceiling: 100 };
  expect(apply({ head }, operation({ type: 'purchase', amount: 100 }), NOW)).toMatchObject({ head: { balance: 100 } });
  expect(apply({ head }, operation({ type: 'purchase', amount: 101 }), NOW)).toBeInstanceOf(BalanceOutOfRange);
});

test('a closed account takes nothing, not even a refund', () => {
  const refundable = { accountId: NEW_HEAD.accountId, txId: scope.newId(), amount: 5, refunded: 0 };
  const refund = operation({ type: 'refund', amount: 5, refundOf: refundable.txId });
  expect(apply({ head: { ...NEW_HEAD, status: 'closed' }, refundable }, refund, NOW)).toBeInstanceOf(AccountFrozen);
});
