import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { UserMissing } from '../users/index.ts';
import { INDEXED_KINDS } from './history.ts';
import {
  findTransaction,
  listTransactions,
  purchase,
  spend,
  TransactionMissing,
  type TransactionView,
} from './index.ts';

describeOnEachDatabase('the history', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  /** 12 transactions an hour apart, newest first: every third a spend. */
  const all: TransactionView[] = [];
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
    userId = await ledger.addUser();
    for (let amount = 1; amount <= 12; amount++) {
      all.unshift(
        await (amount % 3 === 0 ? spend : purchase)(ledger, { userId, amount: amount % 3 === 0 ? 1 : amount }),
      );
      ledger.now.advanceSeconds(3600);
    }
    const other = await ledger.addUser();
    await purchase(ledger, { userId: other, amount: 99 });
  });
  afterAll(async () => {
    await ledger.close();
    all.length = 0;
  });

  test('is told newest first, in stretches that neither overlap nor leave anything out', async () => {
    const seen: TransactionView[] = [];
    let cursor: string | undefined;
    do {
      const stretch = await listTransactions(ledger, { userId, limit: 5, cursor });
      seen.push(...stretch.data);
      cursor = stretch.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
  });

  test('ends without a cursor when the last stretch is exactly full', async () => {
    expect(await listTransactions(ledger, { userId, limit: 12 })).toEqual({ data: all, limit: 12, nextCursor: null });
  });

  test('can be narrowed to a type and a time, from its start to before its end', async () => {
    const spends = all.filter((view) => view.type === 'spend');
    expect((await listTransactions(ledger, { userId, type: 'spend' })).data).toEqual(spends);
    const [from, to] = [all[8]?.createdAt, all[3]?.createdAt];
    expect((await listTransactions(ledger, { userId, from, to })).data).toEqual(all.slice(4, 9));
    const first = await listTransactions(ledger, { userId, type: 'spend', limit: 3 });
    const next = await listTransactions(ledger, { userId, type: 'spend', limit: 3, cursor: first.nextCursor ?? '' });
    expect([...first.data, ...next.data]).toEqual(spends);
  });

  const plans: [what: string, where: string, index: RegExp][] = [
    ['newest first', 'seq < ?', /credit_entry_pkey|sqlite_autoindex_credit_entry_1|PRIMARY KEY/],
    ['of one type', `kind = 'refund' and ${INDEXED_KINDS} and seq < ?`, /credit_entry_kind_index/],
  ];
  test.for(plans)('a stretch %s is read from an index at its cursor, however deep it is', async ([, where, index]) => {
    const explain = ledger.database.dialect.name === 'sqlite' ? 'explain query plan' : 'explain';
    const [account] = await ledger.database.read<{ id: string }>('select id from credit_account where owner_id = ?', [
      userId,
    ]);
    const plan = await ledger.database.read(
      `${explain} select * from credit_entry where account_id = ? and ${where} order by seq desc limit ?`,
      [account?.id ?? '', 6, 5],
    );
    const text = JSON.stringify(plan);
    expect(text).toMatch(index);
    expect(text).not.toMatch(/sort|TEMP B-TREE|Seq Scan|SCAN credit_entry/i);
  });

  test('of a user without postings is empty, and of nobody is refused', async () => {
    const newcomer = await ledger.addUser();
    expect(await listTransactions(ledger, { userId: newcomer })).toEqual({ data: [], limit: 20, nextCursor: null });
    await expect(listTransactions(ledger, { userId: ledger.newId() })).rejects.toThrow(UserMissing);
  });

  test.for([
    ['cursor', { cursor: '' }],
    ['cursor', { cursor: 'c2VxOjA' }],
    ['cursor', { cursor: 'c2VxOjU=' }],
    ['cursor', { cursor: `' or 1=1 --` }],
    ['limit', { limit: 101 }],
    ['type', { type: 'gift' as never }],
    ['from', { from: new Date(Number.NaN) }],
    ['userId', { userId: 'me' }],
  ] as const)('refuses a %s that is none: %o', async ([field, input]) => {
    const error: unknown = await listTransactions(ledger, { userId, ...input }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as InvalidInput).fields).toMatchObject([{ field }]);
  });

  test('one transaction is found by its id, and only by its owner when asked so', async () => {
    const [newest] = all;
    const id = newest?.id ?? '';
    expect(await findTransaction(ledger, { id })).toEqual(newest);
    expect(await findTransaction(ledger, { id, userId })).toEqual(newest);
    await expect(findTransaction(ledger, { id, userId: await ledger.addUser() })).rejects.toThrow(TransactionMissing);
    await expect(findTransaction(ledger, { id: ledger.newId() })).rejects.toThrow(TransactionMissing);
    await expect(findTransaction(ledger, { id: 'x' })).rejects.toThrow(InvalidInput);
  });
});
