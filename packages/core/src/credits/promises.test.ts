import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { attacks, insertEntry, targetIn, type Target } from '../../test/ledger-attacks.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import type { Tx } from '../kernel/transaction.ts';
import { setLimits } from './index.ts';

/** Every attack is SQL straight to the database, past all of our own code. */
describeOnEachDatabase('the database itself', ({ name, url }) => {
  let ledger: TestLedger;
  let target: Target;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
    // An act, for the attacks on the audit.
    await setLimits(ledger, { userId: await ledger.addUser(), ceiling: 1_000 });
  });
  beforeEach(async () => {
    target = await targetIn(ledger);
  });
  afterAll(() => ledger.close());

  const attacksHere = attacks.filter(({ only }) => only === undefined || only === name);
  test.for(attacksHere)('refuses $refuses', async ({ attack }) => {
    const before = await contents(ledger);
    const { sql, params } = attack(target);
    await expect(ledger.database.read(sql, params).catch(reasonOf)).resolves.toMatch(REFUSAL);
    expect(await contents(ledger)).toEqual(before);
  });

  const ways = ['ignore', 'fail'].flatMap((way) =>
    attacks.filter(({ only }) => only !== 'postgresql').map((attack) => ({ way, ...attack })),
  );
  test.runIf(name === 'sqlite').for(ways)(
    'changes nothing for $refuses, with OR $way either',
    async ({ way, attack }) => {
      const { sql, params } = attack(target);
      const before = await contents(ledger);
      const twisted = sql.replace(/^(insert|update)(?! or)/, `$1 or ${way}`);
      // What is passed over is no error; what matters is that nothing of it stays.
      await ledger.database.read(twisted, params).catch(() => undefined);
      expect(await contents(ledger)).toEqual(before);
    },
  );

  test.runIf(name === 'postgresql')('looks at its own tables, whatever temporary ones have their names', async () => {
    const shadowed = ledger.database.run(async (em) => {
      const run = ledger.database.in(em as Tx);
      await run(
        'create temp table credit_account on commit drop as select * from public.credit_account where name is not null',
      );
      await run(
        `insert into pg_temp.credit_account (id, unit, kind, status, floor, balance, held, seq, head_hash, created_at)
         values (?, 'credit', 'user', 'open', -5, 0, 0, 0, ?, ?)`,
        [target.newId, Buffer.alloc(0), target.now],
      );
      const { sql, params } = insertEntry(target, {
        account_id: target.newId,
        seq: 1,
        amount: -5,
        balance_after: -5,
        prev_hash: Buffer.alloc(0),
        lots: null,
      });
      await run(sql, params);
    });
    await expect(shadowed).rejects.toThrow('the account does not take this entry');
  });

  test('refuses a spend of a frozen account, and anything of a closed one', async () => {
    for (const [status, kind] of [
      ['frozen', 'spend'],
      ['closed', 'adjustment'],
    ] as const) {
      await ledger.database.read('update credit_account set status = ? where id = ?', [status, target.accountId]);
      const { sql, params } = insertEntry(target, { kind });
      await expect(ledger.database.read(sql, params)).rejects.toThrow('the account does not take this entry');
    }
  });

  test('takes the entry that the attacks are made from, so that each is refused for its own fault', async () => {
    const { sql, params } = insertEntry(target);
    await ledger.database.read(sql, params);
    const [account] = await ledger.database.read<{ balance: unknown }>(
      'select balance from credit_account where id = ?',
      [target.accountId],
    );
    expect(Number(account?.balance)).toBe(69);
  });
});

/** A refusal by a promise, not a mistake in the attack's own SQL. */
const REFUSAL =
  /immutable|born empty|duplicate|rowid refused|stale account head|do not follow|does not take this entry|no system account|moves only with|lots move by|lots are not written|more than (it has|was set aside)|of a whole amount|moves a (lot|hold) that|two legs|below the floor|limits do not allow|gives back a spend|amounts are integers|(check|unique|foreign key) constraint|RESTRICT setting|invalid input syntax for type bigint|null value in column/i;

/** A stale head is something to retry, so it comes as "unavailable" with the database's own words as its cause. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

async function contents(ledger: TestLedger): Promise<unknown> {
  const order = {
    credit_account: 'id',
    credit_entry: 'account_id, seq',
    credit_refundable: 'tx_id',
    credit_hold: 'id',
    credit_lot: 'id',
    audit_entry: 'id',
  };
  const tables = Object.entries(order).map(([table, by]) =>
    ledger.database.read(`select * from ${table} order by ${by}`),
  );
  return Promise.all(tables);
}
