import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { DomainError } from '../kernel/errors.ts';
import { transact } from '../kernel/transaction.ts';
import { listTransactions, purchase, readBalance, spend, type PostInput } from './index.ts';
import { parseOperation } from './operation.ts';
import { postBatch, type Result } from './post-batch.ts';

describeOnEachDatabase('a batch', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
  });
  afterAll(() => ledger.close());

  const batch = async (...inputs: PostInput[]): Promise<readonly Result[]> => {
    const operations = inputs.map((input) => parseOperation(ledger, input));
    return (await transact(ledger, (tx) => postBatch(ledger, tx, operations))).results;
  };
  const outcomes = (results: readonly Result[]): unknown[] =>
    results.map((result) => (result instanceof DomainError ? result.code : result.balanceAfter));

  test('has a result for each operation: one that is refused stops no other', async () => {
    const other = await ledger.addUser();
    const results = await batch(
      { type: 'purchase', userId, amount: 10 },
      { type: 'spend', userId, amount: 11 },
      { type: 'purchase', userId: other, amount: 7 },
      { type: 'spend', userId: ledger.newId(), amount: 1 },
      { type: 'spend', userId, amount: 4 },
      { type: 'spend', userId: other, amount: 7 },
    );
    expect(outcomes(results)).toEqual([10, 'credits.insufficient', 7, 'users.missing', 6, 0]);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 6 });
    expect(await readBalance(ledger, { userId: other })).toMatchObject({ balance: 0 });
  });

  test('gives back no more than was spent, counting what it gave back itself', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const { id: refundOf } = await spend(ledger, { userId, amount: 10 });
    const part: PostInput = { type: 'refund', userId, amount: 4, refundOf };
    expect(outcomes(await batch(part, part, part))).toEqual([4, 8, 'credits.refund_exceeds']);
  });

  test('posts a key once, and refuses it for another request', async () => {
    const keyed: PostInput = { type: 'purchase', userId, amount: 5, idempotencyKey: `batch-${userId}` };
    const results = await batch(keyed, keyed, { ...keyed, amount: 6 });
    expect(outcomes(results)).toEqual([5, 5, 'idempotency.key_reused']);
    expect((await listTransactions(ledger, { userId })).data).toEqual([results[0]]);
  });

  test('of many accounts and entries is written whole', async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => ledger.addUser()));
    const inputs = users.flatMap((id): PostInput[] => [
      { type: 'purchase', userId: id, amount: 9 },
      { type: 'spend', userId: id, amount: 2 },
      { type: 'spend', userId: id, amount: 3 },
    ]);
    expect(outcomes(await batch(...inputs))).toEqual(users.flatMap(() => [9, 7, 4]));
    const balances = await Promise.all(users.map(async (id) => (await readBalance(ledger, { userId: id })).balance));
    expect(balances).toEqual(users.map(() => 4));
  });
});
