import { afterEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestScope, type TestScope } from '../../test/scope.ts';
import { recordAct } from '../audit/index.ts';
import { DatabaseUnavailable } from './errors.ts';
import { transact } from './transaction.ts';

describeOnEachDatabase('transact', ({ url }) => {
  const opened: TestScope[] = [];
  const open = async (): Promise<TestScope> => {
    const scope = await openTestScope(await url());
    opened.push(scope);
    return scope;
  };
  const acts = async (scope: TestScope): Promise<number> =>
    (await scope.database.read('select 1 from audit_entry')).length;
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((scope) => scope.close()));
  });

  test('everything of a transaction is there after it, or nothing', async () => {
    const scope = await open();
    const act = { action: 'test.done', target: 'test' };
    await transact(scope, (tx) => recordAct(scope, tx, act));
    const broken = transact(scope, async (tx) => {
      await recordAct(scope, tx, act);
      throw new Error('after the write');
    });
    await expect(broken).rejects.toThrow('after the write');
    expect(await acts(scope)).toBe(1);
  });

  test('a transaction inside a transaction is refused instead of waiting for itself', async () => {
    const scope = await open();
    const nested = transact(scope, () => transact(scope, () => Promise.resolve('never')));
    await expect(nested).rejects.toThrow('transact inside transact');
  });

  test('a lost race is run again, five times at most', async () => {
    const scope = await open();
    let attempts = 0;
    const lose = (times: number) => async (): Promise<number> => {
      attempts += 1;
      if (attempts <= times) throw Object.assign(new Error('deadlock'), { code: '40P01' });
      return attempts;
    };
    expect(await transact(scope, lose(4))).toBe(5);
    attempts = 0;
    await expect(transact(scope, lose(9))).rejects.toThrow(DatabaseUnavailable);
    expect(attempts).toBe(5);
  });

  test('what runs before the commit fails the whole', async () => {
    const scope = await open();
    const beforeCommit = (): Promise<void> => Promise.reject(new Error('not stored'));
    const work = transact({ ...scope, context: { ...scope.context, beforeCommit } }, (tx) =>
      recordAct(scope, tx, { action: 'test.done', target: 'test' }),
    );
    await expect(work).rejects.toThrow('not stored');
    expect(await acts(scope)).toBe(0);
  });

  test('many transactions at once on one connection wait for each other', async () => {
    const scope = await open();
    const work = Array.from({ length: 50 }, () =>
      transact(scope, (tx) => recordAct(scope, tx, { action: 'test.done', target: 'test' })),
    );
    await Promise.all(work);
    expect(await acts(scope)).toBe(50);
  });
});
