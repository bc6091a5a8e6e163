import { afterEach, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import type { SqlValue } from '../../database/index.ts';
import type { Scope } from '../../scope.ts';
import {
  AccountFrozen,
  BalanceOutOfRange,
  grant,
  hold,
  InsufficientCredits,
  listTransactions,
  purchase,
  readBalance,
  setLimits,
  spend,
  transfer,
} from '../index.ts';
import { createPostingEngine } from './engine.ts';

/** An engine posts on accounts as its last batch has left them. Whatever else changes them must be noticed all the same. */
describeOnEachDatabase('an account that is believed to stand where it was left', ({ url }) => {
  let ledger: TestLedger;
  let here: Scope;
  let elsewhere: Scope;
  let userId: string;
  let looks: number;
  beforeEach(async () => {
    ledger = await openTestLedger(await url());
    looks = 0;
    const look: typeof ledger.database.in = (tx) => {
      const run = ledger.database.in(tx);
      return <Row>(sql: string, params?: readonly SqlValue[]) => {
        looks += 1;
        return run<Row>(sql, params);
      };
    };
    const base = { ...ledger, database: { ...ledger.database, in: look } };
    here = { ...base, postings: createPostingEngine(base, { lanes: 1 }) };
    elsewhere = { ...ledger, postings: createPostingEngine(ledger, { lanes: 1 }) };
    userId = await ledger.addUser();
    await purchase(here, { userId, amount: 100 });
    looks = 0;
  });
  afterEach(() => ledger.close());

  test('takes spends and purchases without a look at the database', async () => {
    await spend(here, { userId, amount: 30 });
    await purchase(here, { userId, amount: 5 });
    await spend(here, { userId, amount: 75 });
    expect(looks).toBe(0);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 0 });
  });

  test('is looked at before a refusal, which may be out of date', async () => {
    await purchase(elsewhere, { userId, amount: 100 });
    expect(await spend(here, { userId, amount: 150 })).toMatchObject({ balanceAfter: 50 });
    await expect(spend(here, { userId, amount: 51 })).rejects.toThrow(InsufficientCredits);
  });

  test('is looked at again when somebody else has posted', async () => {
    await spend(elsewhere, { userId, amount: 60 });
    await expect(spend(here, { userId, amount: 41 })).rejects.toMatchObject({ facts: { available: 40, required: 41 } });
    expect(await spend(here, { userId, amount: 40 })).toMatchObject({ balanceAfter: 0 });
  });

  test('takes what many ask at once while somebody else posts as well', async () => {
    const asked = Array.from({ length: 60 }, (_, at) => spend(at % 3 === 0 ? elsewhere : here, { userId, amount: 1 }));
    const told = await Promise.all(asked);
    expect(new Set(told.map(({ balanceAfter }) => balanceAfter)).size).toBe(60);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 40 });
  });

  test('takes no spend when it was frozen meanwhile', async () => {
    await ledger.database.read(`update credit_account set status = 'frozen' where owner_id = ?`, [userId]);
    await expect(spend(here, { userId, amount: 1 })).rejects.toThrow(AccountFrozen);
    await ledger.database.read(`update credit_account set status = 'open' where owner_id = ?`, [userId]);
    expect(await spend(here, { userId, amount: 1 })).toMatchObject({ balanceAfter: 99 });
  });

  test('keeps limits that were set meanwhile', async () => {
    await setLimits(elsewhere, { userId, floor: -50, ceiling: 120 });
    await expect(purchase(here, { userId, amount: 21 })).rejects.toThrow(BalanceOutOfRange);
    expect(await spend(here, { userId, amount: 150 })).toMatchObject({ balanceAfter: -50 });
    await purchase(here, { userId, amount: 60 });
    await setLimits(elsewhere, { userId, floor: 0 });
    await expect(spend(here, { userId, amount: 11 })).rejects.toThrow(InsufficientCredits);
  });

  test('does not spend what expired, nor what somebody else holds', async () => {
    await grant(here, { userId, amount: 10, expiresAt: new Date(ledger.now().getTime() + 1_000) });
    ledger.now.advanceSeconds(1);
    await expect(spend(here, { userId, amount: 101 })).rejects.toMatchObject({ facts: { available: 100 } });
    await spend(here, { userId, amount: 1 });
    await hold(elsewhere, { userId, amount: 90 });
    await expect(spend(here, { userId, amount: 10 })).rejects.toMatchObject({ facts: { available: 9 } });
  });

  test('posts what is due on another account in the same batch, although it needs no look itself', async () => {
    const other = await ledger.addUser();
    await purchase(elsewhere, { userId: other, amount: 5 });
    await hold(elsewhere, { userId: other, amount: 5, expiresInSeconds: 1 });
    ledger.now.advanceSeconds(1);
    await Promise.all([spend(here, { userId, amount: 1 }), here.postings.settleDue({ userId: other, unit: 'credit' })]);
    expect(await ledger.database.read('select id from credit_hold where open')).toEqual([]);
  });

  test('lets go of what it held itself before anything else', async () => {
    await hold(here, { userId, amount: 90, expiresInSeconds: 1 });
    await spend(here, { userId, amount: 1 });
    ledger.now.advanceSeconds(1);
    await spend(here, { userId, amount: 1 });
    const { data } = await listTransactions(ledger, { userId });
    expect(data.map(({ type }) => type)).toEqual(['spend', 'hold_expiry', 'spend', 'hold', 'purchase']);
  });

  test('burns lots in their order, also those that were too many to be remembered', async () => {
    for (let count = 0; count < 40; count++) await purchase(elsewhere, { userId, amount: 1 });
    await spend(here, { userId, amount: 100 });
    ledger.now.advanceSeconds(2);
    await spend(here, { userId, amount: 1 });
    await purchase(here, { userId, amount: 5 });
    await spend(here, { userId, amount: 34 });
    const rows = await ledger.database.read<{ remaining: unknown }>(
      'select remaining from credit_lot where amount = 5',
    );
    expect(rows.map(({ remaining }) => Number(remaining))).toEqual([5]);
  });

  test('sends credits to another, who has posted elsewhere meanwhile', async () => {
    const other = await ledger.addUser();
    await transfer(here, { fromUserId: userId, toUserId: other, amount: 10 });
    await spend(elsewhere, { userId: other, amount: 4 });
    await transfer(here, { fromUserId: userId, toUserId: other, amount: 1 });
    expect(await readBalance(ledger, { userId: other })).toMatchObject({ balance: 7 });
  });
});
