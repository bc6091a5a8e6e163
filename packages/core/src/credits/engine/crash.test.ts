import { startTestPostgres } from '@org/test-postgres';
import { expect, onTestFinished, test } from 'vitest';

import { openTestLedger } from '../../../test/ledger-fixture.ts';
import { carriedOut, runLoad } from '../../../test/ledger-load.ts';
import { openTestScope } from '../../../test/scope.ts';
import { readBalance } from '../index.ts';

const CRASHES = process.env['LEDGER_LONG'] === '1' ? 10 : 2;

test(
  'what was acknowledged before PostgreSQL stopped at once is there once, and the rest at most once',
  { timeout: 30_000 * CRASHES },
  async () => {
    const postgres = await startTestPostgres({ fsync: 'on' });
    onTestFinished(() => postgres.close());
    const url = await postgres.createDatabase('crash');
    const ledger = await openTestLedger(url);
    onTestFinished(() => ledger.close());
    const userId = await ledger.addUser();
    const acknowledged: string[] = [];
    const tried: string[] = [];
    for (let crash = 0; crash < CRASHES; crash++) {
      const scope = await openTestScope(url);
      const loading = runLoad(scope, { userId, prefix: `crash-${crash}`, clients: 64, requests: 1_000_000 });
      await Promise.race([untilPosted(() => readBalance(ledger, { userId }), acknowledged.length + 500), loading]);
      await postgres.crash();
      await postgres.restart();
      await scope.postings.close();
      const told = await loading;
      acknowledged.push(...told.acknowledged);
      tried.push(...told.unacknowledged);
      await scope.close();
    }
    const times = await carriedOut(ledger);
    expect(acknowledged.filter((key) => times.get(key) !== 1)).toEqual([]);
    expect(tried.filter((key) => (times.get(key) ?? 0) > 1)).toEqual([]);
    expect([...times.keys()].filter((key) => !acknowledged.includes(key) && !tried.includes(key))).toEqual([]);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: times.size });
  },
);

async function untilPosted(look: () => Promise<{ balance: number }>, balanceMin: number): Promise<void> {
  while ((await look()).balance < balanceMin) await new Promise((resolve) => setTimeout(resolve, 20));
}
