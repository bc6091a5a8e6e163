import { expect, onTestFinished, test } from 'vitest';

import { databases } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import { KeyReused } from '../../idempotency/index.ts';
import { transact } from '../../kernel/transaction.ts';
import { purchase, readBalance, spend } from '../index.ts';
import { parseOperation } from '../operation.ts';
import { postBatch } from '../post-batch.ts';

test('a batch that loses the race for a key is run again, and sees who won', async () => {
  const url = (await databases.find(({ name }) => name === 'postgresql')?.url()) ?? '';
  const [ledger, other] = [await openTestLedger(url), await openTestLedger(url)];
  onTestFinished(async () => {
    await Promise.all([ledger.close(), other.close()]);
  });
  const [winner, loser] = [await ledger.addUser(), await ledger.addUser()];
  const posted = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const winning = transact(other, async (tx) => {
    const input = { type: 'purchase', userId: winner, amount: 5, idempotencyKey: 'raced' } as const;
    await postBatch(other, tx, [parseOperation(other, input)]);
    posted.resolve();
    await leave.promise;
  });
  await posted.promise;
  const asked = purchase(ledger, { userId: loser, amount: 5, idempotencyKey: 'raced' });
  asked.catch(() => undefined);
  await untilSomebodyWaits(other);
  leave.resolve();
  await winning;
  await expect(asked).rejects.toThrow(KeyReused);
  expect(await readBalance(ledger, { userId: loser })).toMatchObject({ balance: 0 });
});

test('a batch on a believed account has written nothing while it waits for the account, so that nobody waits for it', async () => {
  const url = (await databases.find(({ name }) => name === 'postgresql')?.url()) ?? '';
  const [ledger, other] = [await openTestLedger(url), await openTestLedger(url)];
  onTestFinished(async () => {
    await Promise.all([ledger.close(), other.close()]);
  });
  const userId = await ledger.addUser();
  await purchase(ledger, { userId, amount: 5 });
  const locked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const first = transact(other, async (tx) => {
    const run = other.database.in(tx);
    await run('select 1 from credit_account where owner_id = ? for no key update', [userId]);
    locked.resolve();
    await go.promise;
    // Both write the entry with the same place: whoever had written it before the lock would stop the other here.
    await postBatch(other, tx, [parseOperation(other, { type: 'spend', userId, amount: 1 })]);
  });
  await locked.promise;
  const asked = spend(ledger, { userId, amount: 1 });
  // Who has written something has a transaction id.
  expect(await untilSomebodyWaits(other)).toEqual([
    { query: expect.stringMatching(/insert into credit_entry/), transaction: null },
  ]);
  go.resolve();
  await first;
  expect(await asked).toMatchObject({ balanceAfter: 3 });
});

/** What those are asking who wait for a lock, as soon as there are any. */
async function untilSomebodyWaits(ledger: TestLedger): Promise<{ query: string; transaction: string | null }[]> {
  let waiting: { query: string; transaction: string | null }[] = [];
  while (waiting.length === 0) {
    waiting = await ledger.database.read<(typeof waiting)[number]>(
      `select distinct a.query, cast(a.backend_xid as text) as transaction from pg_stat_activity a join pg_locks l on l.pid = a.pid
       where not l.granted and a.datname = current_database()`,
    );
  }
  return waiting;
}
