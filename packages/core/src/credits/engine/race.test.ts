import { expect, onTestFinished, test } from 'vitest';

import { databases } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import { KeyReused } from '../../idempotency/index.ts';
import { transact } from '../../kernel/transaction.ts';
import { purchase, readBalance } from '../index.ts';
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

async function untilSomebodyWaits(ledger: TestLedger): Promise<void> {
  let waiting: unknown[] = [];
  while (waiting.length === 0) {
    waiting = await ledger.database.read(
      `select 1 from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`,
    );
  }
}
