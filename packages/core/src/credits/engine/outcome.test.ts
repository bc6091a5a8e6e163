import { expect, onTestFinished, test } from 'vitest';

import { cuttingProxy, type CuttingProxy } from '../../../test/cutting-proxy.ts';
import { databases } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import { listTransactions, OutcomeUnknown, purchase, readBalance, spend } from '../index.ts';

const LONG = process.env['LEDGER_LONG'] === '1';

/** A ledger whose connections can be lost, and one beside it that tells what is true. */
async function twoWays(): Promise<{ cut: TestLedger; proxy: CuttingProxy; direct: TestLedger; userId: string }> {
  const url = (await databases.find(({ name }) => name === 'postgresql')?.url()) ?? '';
  const direct = await openTestLedger(url);
  const proxy = await cuttingProxy(url);
  const cut = await openTestLedger(proxy.url);
  onTestFinished(async () => {
    await Promise.all([cut.close(), direct.close()]);
  });
  return { cut, proxy, direct, userId: await direct.addUser() };
}

for (const when of ['before', 'after'] as const) {
  test(`a posting whose connection is lost ${when} its commit is carried out once, and answered`, async () => {
    const { cut, proxy, direct, userId } = await twoWays();
    proxy.cutAtCommit(when);
    const posted = await Promise.all([10, 20, 30].map((amount) => purchase(cut, { userId, amount })));
    expect(proxy.cuts()).toBe(1);
    expect(await readBalance(direct, { userId })).toMatchObject({ balance: 60 });
    const { data } = await listTransactions(direct, { userId });
    expect(data.map(({ id }) => id)).toEqual(posted.map(({ id }) => id).toReversed());
  });

  test(`a keyed refusal whose connection is lost ${when} its commit is given, and given again`, async () => {
    const { cut, proxy, direct, userId } = await twoWays();
    proxy.cutAtCommit(when);
    const request = { userId, amount: 5, idempotencyKey: 'lost' };
    const refused = { code: 'credits.insufficient', facts: { available: 0, required: 5 } };
    await expect(spend(cut, request)).rejects.toMatchObject(refused);
    await purchase(cut, { userId, amount: 5 });
    await expect(spend(direct, request)).rejects.toMatchObject(refused);
  });
}

test('a connection that is lost again and again loses no posting and makes none twice', async () => {
  const { cut, proxy, direct, userId } = await twoWays();
  let acknowledged = 0;
  for (let round = 0; round < 10; round++) {
    proxy.cutAtCommit(round % 2 === 0 ? 'after' : 'before');
    const asked = Array.from({ length: 5 }, (_, at) =>
      purchase(cut, { userId, amount: 1, idempotencyKey: `${round}-${at}` }),
    );
    acknowledged += (await Promise.all(asked)).length;
  }
  expect(proxy.cuts()).toBe(10);
  expect(await readBalance(direct, { userId })).toMatchObject({ balance: acknowledged });
});

test.runIf(LONG)(
  'when the database cannot even be asked, the caller is told that nobody knows',
  { timeout: 60_000 },
  async () => {
    const { cut, proxy, userId } = await twoWays();
    proxy.stayDown();
    proxy.cutAtCommit('after');
    await expect(purchase(cut, { userId, amount: 1 })).rejects.toThrow(OutcomeUnknown);
  },
);
