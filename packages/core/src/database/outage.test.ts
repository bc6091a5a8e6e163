import { startTestPostgres } from '@org/test-postgres';
import { expect, onTestFinished, test } from 'vitest';

import { openTestScope } from '../../test/scope.ts';
import { recordAct } from '../audit/index.ts';
import { DatabaseUnavailable } from '../kernel/errors.ts';
import { transact } from '../kernel/transaction.ts';

const CONNECTIONS = 4;

test('a database that goes away in the middle of transactions takes no connection with it', async () => {
  const postgres = await startTestPostgres();
  onTestFinished(() => postgres.close());
  const scope = await openTestScope(await postgres.createDatabase('outage'), { poolMax: CONNECTIONS });
  onTestFinished(() => scope.close());
  const act = { action: 'test.done', target: 'test' };
  const work = (): Promise<void> => transact(scope, (tx) => recordAct(scope, tx, act));

  for (let round = 0; round < 3; round++) {
    let inside = 0;
    const down = Promise.withResolvers<void>();
    const cut = Array.from({ length: CONNECTIONS }, () =>
      transact(scope, async (tx) => {
        await recordAct(scope, tx, act);
        inside += 1;
        if (inside === CONNECTIONS) down.resolve(postgres.crash());
        await down.promise;
        await recordAct(scope, tx, act);
      }),
    );
    for (const one of await Promise.allSettled(cut)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailable) });
    }
    await expect(work()).rejects.toThrow(DatabaseUnavailable);
    await postgres.restart();
    await expect.poll(() => work().then(() => 'back', String)).toBe('back');
  }
  await Promise.all(Array.from({ length: CONNECTIONS * 3 }, work));
  expect(await scope.database.read('select 1 from audit_entry')).toHaveLength(3 + CONNECTIONS * 3);
});
