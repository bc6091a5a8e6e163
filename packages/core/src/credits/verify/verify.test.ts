import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import type { SqlValue } from '../../database/index.ts';
import { transact } from '../../kernel/transaction.ts';
import {
  capture,
  clawback,
  grant,
  hold,
  lastVerification,
  purchase,
  readBalance,
  refund,
  spend,
  transfer,
  verifyLedger,
  type ProblemKind,
} from '../index.ts';

describeOnEachDatabase('the verification', ({ name, url }) => {
  let ledger: TestLedger;
  let userId: string;
  let accountId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  afterAll(() => ledger.close());

  beforeEach(async () => {
    userId = await ledger.addUser();
    const bought = await purchase(ledger, { userId, amount: 100, metadata: { a: 1 } });
    await grant(ledger, { userId, amount: 40 });
    const { id: refundOf } = await spend(ledger, { userId, amount: 30 });
    await refund(ledger, { userId, amount: 10, refundOf });
    const { id: holdId } = await hold(ledger, { userId, amount: 15 });
    await capture(ledger, { holdId, amount: 5 });
    await clawback(ledger, { userId, amount: 1, refundOf: bought.id });
    await transfer(ledger, { fromUserId: userId, toUserId: await ledger.addUser(), amount: 3 });
    const [row] = await ledger.database.read<{ id: string }>('select id from credit_account where owner_id = ?', [
      userId,
    ]);
    accountId = row?.id ?? '';
  });

  /** What somebody can do who owns the database: without the triggers that refuse it. */
  const tamper = async (sql: string, params: readonly SqlValue[] = [accountId]): Promise<void> => {
    await transact(ledger, async (tx) => {
      const run = ledger.database.in(tx);
      if (name === 'postgresql') {
        await run(`set local session_replication_role = replica`);
        await run(sql, params);
        return;
      }
      const triggers = await run<{ name: string; sql: string }>(
        `select name, sql from sqlite_master where type = 'trigger'`,
      );
      for (const trigger of triggers) await run(`drop trigger ${trigger.name}`);
      await run(sql, params);
      for (const trigger of triggers) await run(trigger.sql);
    });
  };
  const found = async (): Promise<ProblemKind[]> => {
    const { problems } = await verifyLedger(ledger, { whole: true });
    return problems.filter((problem) => problem.accountId === accountId).map(({ kind }) => kind);
  };

  test('finds nothing in an honest ledger, says how far it is, and is remembered', async () => {
    const progress: unknown[] = [];
    const result = await verifyLedger(ledger, { whole: true, onProgress: (now) => progress.push(now) });
    expect(result).toMatchObject({ ok: true, problems: [], problemCount: 0 });
    const [count] = await ledger.database.read<{ entries: unknown }>('select count(*) as entries from credit_entry');
    expect(result.checkedEntries).toBe(Number(count?.entries));
    expect(progress.at(-1)).toEqual({ accounts: result.checkedAccounts, entries: result.checkedEntries, problems: 0 });
    expect(await lastVerification(ledger)).toMatchObject({
      ok: true,
      whole: true,
      checkedEntries: result.checkedEntries,
    });
  });

  test('looks the second time only at what is new, from where it left off', async () => {
    await verifyLedger(ledger);
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true, checkedEntries: 0 });
    await spend(ledger, { userId, amount: 1 });
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true, checkedEntries: 1, checkedAccounts: 1 });
  });

  test('finds that the entry it left off at was replaced', async () => {
    await verifyLedger(ledger);
    await spend(ledger, { userId, amount: 1 });
    await tamper(
      `update credit_entry set hash = prev_hash where account_id = ? and seq = (select max(seq) - 1 from credit_entry where account_id = ?)`,
      [accountId, accountId],
    );
    const { ok, problems } = await verifyLedger(ledger);
    expect(ok).toBe(false);
    expect(problems.map(({ kind }) => kind)).toContain('entry.chain');
  });

  const tamperings: [title: string, kind: ProblemKind, sql: string][] = [
    [
      'an amount that was changed',
      'entry.hash',
      'update credit_entry set amount = -31 where account_id = ? and seq = 3',
    ],
    [
      'a description that was changed',
      'entry.hash',
      `update credit_entry set description = 'x' where account_id = ? and seq = 1`,
    ],
    ['an entry that was removed', 'entry.gap', 'delete from credit_entry where account_id = ? and seq = 4'],
    [
      'a sum that was forged',
      'entry.sum',
      'update credit_entry set balance_after = 500 where account_id = ? and seq = 2',
    ],
    [
      'a time that was moved',
      'entry.time',
      `update credit_entry set created_at = (select min(created_at) from users) where account_id = ? and seq = 5`,
    ],
    ['a head that was moved', 'account.head', 'update credit_account set balance = balance + 1 where id = ?'],
    ['newest entries that were cut off', 'account.head', 'delete from credit_entry where account_id = ? and seq > 6'],
    [
      'one leg of a transfer that is gone',
      'entry.transfer',
      `delete from credit_entry where leg = 1 and tx_id in (select tx_id from credit_entry where account_id = ? and kind = 'transfer_out')`,
    ],
    [
      'a hold that was let go',
      'projection.hold',
      'update credit_hold set released = 10, open = false where account_id = ?',
    ],
    ['a hold that is gone', 'projection.hold', 'delete from credit_hold where account_id = ?'],
    [
      'a spend that can be refunded again',
      'projection.refundable',
      'update credit_refundable set refunded = 0 where account_id = ? and refunded = 10',
    ],
    [
      'a lot that was filled',
      'projection.lots',
      'update credit_lot set remaining = amount, live = true where account_id = ?',
    ],
  ];
  test.for(tamperings)('finds %s', async ([, kind, sql]) => {
    ledger.now.advanceSeconds(60);
    await spend(ledger, { userId, amount: 1 });
    await tamper(
      sql.replace('(select min(created_at) from users)', name === 'sqlite' ? '0' : `'1970-01-01T00:00:00Z'`),
    );
    expect(await found()).toContain(kind);
  });

  test('finds credits that were moved from one lot to another', async () => {
    await tamper(
      `update credit_lot set remaining = remaining + case paid when true then -1 else 1 end
       where account_id = ? and id in (select id from credit_lot where account_id = ? order by created_at limit 2)`,
      [accountId, accountId],
    );
    expect(await found()).toEqual(['projection.lot', 'projection.lot']);
  });

  test('repairs what is derived from entries, and nothing else', async () => {
    const before = await readBalance(ledger, { userId });
    await tamper('update credit_lot set remaining = amount, live = true where account_id = ?');
    await tamper('update credit_hold set released = 10, open = false where account_id = ?');
    await tamper('delete from credit_refundable where account_id = ?');
    const repaired = await verifyLedger(ledger, { repair: true });
    expect(repaired.ok).toBe(false);
    expect(repaired.repairedAccounts).toBeGreaterThan(0);
    expect(await found()).toEqual([]);
    expect(await readBalance(ledger, { userId })).toEqual(before);
    await tamper('update credit_entry set amount = amount + 1 where account_id = ? and seq = 1');
    await verifyLedger(ledger, { repair: true });
    expect(await found()).toContain('entry.hash');
  });

  test('leaves the guards on', async () => {
    await verifyLedger(ledger, { repair: true });
    await expect(
      ledger.database.read(
        'update credit_lot set remaining = remaining - 1, seq = seq + 1 where account_id = ? and remaining > 1',
        [accountId],
      ),
    ).rejects.toThrow(/moves only with its entries|immutable/);
  });
});
