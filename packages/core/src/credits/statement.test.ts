import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { UserMissing } from '../users/index.ts';
import {
  grant,
  hold,
  listTransactions,
  purchase,
  readBalanceAt,
  readStatement,
  spend,
  type Statement,
  type TransactionView,
} from './index.ts';

describeOnEachDatabase('the past of an account', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  const start = new Date('2026-01-15T12:00:00.000Z');
  const hour = (count: number): Date => new Date(start.getTime() + count * 3_600_000);
  /** 0 h: +100, 1 h: -10, 2 h: +5 until 3 h 30, 3 h: -30, 3 h 30: the 5 expire, 4 h: hold 20. */
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
    userId = await ledger.addUser();
    const steps = [
      () => purchase(ledger, { userId, amount: 100 }),
      () => spend(ledger, { userId, amount: 10 }),
      () => grant(ledger, { userId, amount: 5, expiresAt: hour(3.5), priority: 90 }),
      () => spend(ledger, { userId, amount: 30 }),
      () => hold(ledger, { userId, amount: 20, expiresInSeconds: 30 * 86_400 }),
    ];
    for (const [at, step] of steps.entries()) {
      ledger.now.set(hour(at));
      await step();
    }
    ledger.now.set(hour(10));
  });
  afterAll(() => ledger.close());

  test('has a balance at any time, with all that was posted up to that millisecond', async () => {
    const at = async (time: Date): Promise<[number, number]> => {
      const { balance, held } = await readBalanceAt(ledger, { userId, at: time });
      return [balance, held];
    };
    expect(await at(new Date(start.getTime() - 1))).toEqual([0, 0]);
    expect(await at(start)).toEqual([100, 0]);
    expect(await at(new Date(hour(1).getTime() - 1))).toEqual([100, 0]);
    expect(await at(hour(1))).toEqual([90, 0]);
    expect(await at(hour(3))).toEqual([65, 0]);
    expect(await at(hour(3.5))).toEqual([60, 0]);
    expect(await at(hour(10))).toEqual([60, 20]);
  });

  test('is told by a statement whose opening balance and amounts make its closing one', async () => {
    const statement = await readStatement(ledger, { userId, from: hour(1), to: hour(4) });
    expect(statement).toMatchObject({
      opening: { balance: 100, held: 0 },
      closing: { balance: 60, held: 0 },
      totals: [
        { type: 'expiry', count: 1, amount: -5 },
        { type: 'grant', count: 1, amount: 5 },
        { type: 'spend', count: 2, amount: -40 },
      ],
    });
    const entries = await listOf(statement);
    expect(entries.map(({ type }) => type)).toEqual(['spend', 'grant', 'spend', 'expiry']);
    expect(100 + entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(60);
    expect(entries).toEqual((await listTransactions(ledger, { userId, from: hour(1), to: hour(4) })).data.toReversed());
  });

  test('is streamed in stretches that leave nothing out and take in nothing that comes meanwhile', async () => {
    const busy = await ledger.addUser();
    for (let count = 0; count < 1_203; count += 1) await purchase(ledger, { userId: busy, amount: 1 });
    const statement = await readStatement(ledger, { userId: busy, from: start, to: hour(20) });
    const entries = statement.entries();
    await entries.next();
    await spend(ledger, { userId: busy, amount: 1 });
    let last: TransactionView | undefined;
    let count = 1;
    for await (const entry of entries) {
      count += 1;
      last = entry;
    }
    expect([count, last?.balanceAfter]).toEqual([1_203, 1_203]);
  });

  test('is empty without postings, closed when nothing happened, and refused for nobody or no time', async () => {
    const newcomer = await ledger.addUser();
    const none = await readStatement(ledger, { userId: newcomer, from: start, to: hour(1) });
    expect(none).toMatchObject({ opening: { balance: 0 }, closing: { balance: 0 }, totals: [] });
    expect(await listOf(none)).toEqual([]);
    const quiet = await readStatement(ledger, { userId, from: hour(5), to: hour(6) });
    expect(quiet).toMatchObject({ opening: { balance: 60 }, closing: { balance: 60 }, totals: [] });
    await expect(readStatement(ledger, { userId: ledger.newId(), from: start, to: hour(1) })).rejects.toThrow(
      UserMissing,
    );
    await expect(readStatement(ledger, { userId, from: hour(1), to: start })).rejects.toThrow(InvalidInput);
    await expect(readBalanceAt(ledger, { userId, at: new Date(Number.NaN) })).rejects.toThrow(InvalidInput);
    await expect(readBalanceAt(ledger, { userId, at: hour(11) })).rejects.toThrow(InvalidInput);
  });
});

async function listOf(statement: Statement): Promise<TransactionView[]> {
  const entries: TransactionView[] = [];
  for await (const entry of statement.entries()) entries.push(entry);
  return entries;
}
