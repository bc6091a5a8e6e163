import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { transact } from '../kernel/transaction.ts';
import {
  freezeAccount,
  listTransactions,
  purchase,
  readBalance,
  refund,
  spend,
  type TransactionView,
} from './index.ts';

/** Two processes on one database: each has connections of its own. */
describeOnEachDatabase('writers at the same time', ({ url }) => {
  let one: TestLedger;
  let two: TestLedger;
  let userId: string;
  beforeAll(async () => {
    const target = await url();
    one = await openTestLedger(target);
    two = await openTestLedger(target);
  });
  beforeEach(async () => {
    userId = await one.addUser();
  });
  afterAll(() => Promise.all([one.close(), two.close()]));

  /** Runs it `times` over, from both processes in turn. */
  async function allAtOnce<T>(
    times: number,
    work: (ledger: TestLedger, index: number) => Promise<T>,
  ): Promise<PromiseSettledResult<T>[]> {
    return Promise.allSettled(Array.from({ length: times }, (_, index) => work(index % 2 === 0 ? one : two, index)));
  }

  test('of 64 spends of 1 on a balance of 10, exactly 10 succeed and the others are told that there is not enough', async () => {
    await purchase(one, { userId, amount: 10 });
    const results = await allAtOnce(64, (ledger) => spend(ledger, { userId, amount: 1 }));
    expect(done(results)).toHaveLength(10);
    expect(codes(results)).toEqual(new Set(['credits.insufficient']));
    expect(await readBalance(one, { userId })).toMatchObject({ balance: 0 });
  });

  test('concurrent refunds never give back more than the spend', async () => {
    await purchase(one, { userId, amount: 100 });
    const { id: refundOf } = await spend(one, { userId, amount: 100 });
    const results = await allAtOnce(16, (ledger) => refund(ledger, { userId, amount: 30, refundOf }));
    expect(done(results)).toHaveLength(3);
    expect(codes(results)).toEqual(new Set(['credits.refund_exceeds']));
    expect(await readBalance(two, { userId })).toMatchObject({ balance: 90 });
  });

  test('the same request many times at once makes one entry, and every caller gets it', async () => {
    await purchase(one, { userId, amount: 5 });
    const results = await allAtOnce(24, (ledger) =>
      spend(ledger, { userId, amount: 5, idempotencyKey: `once-${userId}` }),
    );
    const views = done<TransactionView>(results);
    expect(views).toHaveLength(24);
    expect(new Set(views.map((view) => view.id)).size).toBe(1);
    expect((await listTransactions(one, { userId })).data).toHaveLength(2);
  });

  test('one key for two users at once moves one of them only', async () => {
    const users = [userId, await two.addUser()];
    const results = await allAtOnce(12, (ledger, index) =>
      purchase(ledger, {
        userId: users[Math.floor(index / 2) % 2] ?? userId,
        amount: 5,
        idempotencyKey: `shared-${userId}`,
      }),
    );
    expect(codes(results)).toEqual(new Set(['idempotency.key_reused']));
    const balances = await Promise.all(users.map(async (id) => (await readBalance(one, { userId: id })).balance));
    expect(Math.min(...balances)).toBe(0);
    expect(Math.max(...balances)).toBe(5);
  });

  test('first postings at once open one account', async () => {
    const results = await allAtOnce(12, (ledger) => purchase(ledger, { userId, amount: 1 }));
    expect(done(results)).toHaveLength(12);
    expect(await readBalance(one, { userId })).toMatchObject({ balance: 12 });
  });

  test('what one process spends, the other sees at once', async () => {
    await purchase(one, { userId, amount: 10 });
    expect(await spend(two, { userId, amount: 4 })).toMatchObject({ balanceAfter: 6 });
    expect(await spend(one, { userId, amount: 4 })).toMatchObject({ balanceAfter: 2 });
    expect(await readBalance(two, { userId })).toMatchObject({ balance: 2 });
  });

  test('nothing is spent after a freeze has been answered', async () => {
    await purchase(one, { userId, amount: 1000 });
    const spending = allAtOnce(30, (ledger) => spend(ledger, { userId, amount: 1 }));
    await transact(one, (tx) => freezeAccount(one, tx, userId));
    const { balance: frozenAt } = await readBalance(one, { userId });
    const results = await spending;
    expect([...codes(results)].every((code) => code === 'credits.account_frozen')).toBe(true);
    expect(await readBalance(one, { userId })).toMatchObject({ balance: frozenAt });
  });
});

function done<T>(results: PromiseSettledResult<T>[]): T[] {
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function codes(results: PromiseSettledResult<unknown>[]): Set<unknown> {
  return new Set(
    results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code?: unknown }).code] : [])),
  );
}
