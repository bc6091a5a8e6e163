import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { fromJson } from '../kernel/json.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { pendingEvents, type OutgoingEvent } from '../outbox/index.ts';
import { UserMissing } from '../users/index.ts';
import {
  AccountFrozen,
  adjust,
  BalanceOutOfRange,
  freezeAccount,
  InsufficientCredits,
  NotRefundable,
  openAccount,
  outboxEvents,
  purchase,
  readBalance,
  refund,
  RefundExceeds,
  spend,
  thawAccount,
  transfer,
} from './index.ts';

const AMOUNT_MAX = 2 ** 53 - 1;

describeOnEachDatabase('posting', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
  });
  afterAll(() => ledger.close());

  /** What is to be told of one account, in its order. */
  const eventsOf = async (owner: string): Promise<OutgoingEvent[]> => {
    const events = await pendingEvents(ledger, { limit: 100 }, outboxEvents);
    return events.filter(({ payload }) => payload['user_id'] === owner);
  };
  const balance = async (): Promise<number> => (await readBalance(ledger, { userId })).balance;

  test('a purchase, a spend, an adjustment and a refund each give the transaction and its balance', async () => {
    const bought = await purchase(ledger, { userId, amount: 100, reference: 'order-1', metadata: { till: 7 } });
    expect(bought).toEqual({
      id: bought.id,
      userId,
      unit: 'credit',
      type: 'purchase',
      amount: 100,
      balanceAfter: 100,
      heldChange: 0,
      heldAfter: 0,
      holdId: null,
      expiresAt: null,
      counterpartyId: null,
      description: null,
      reference: 'order-1',
      refundOf: null,
      metadata: { till: 7 },
      actor: 'script',
      createdAt: ledger.now(),
    });
    const spent = await spend(ledger, { userId, amount: 30 });
    expect(spent).toMatchObject({ type: 'spend', amount: -30, balanceAfter: 70 });
    expect(await adjust(ledger, { userId, amount: -5, description: 'counted twice' })).toMatchObject({
      amount: -5,
      balanceAfter: 65,
    });
    expect(await refund(ledger, { userId, amount: 10, refundOf: spent.id })).toMatchObject({
      type: 'refund',
      amount: 10,
      balanceAfter: 75,
      refundOf: spent.id,
    });
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 75, held: 0, available: 75 });
  });

  test('a spend of more than there is changes nothing and says what is available', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const refused = spend(ledger, { userId, amount: 11 });
    await expect(refused).rejects.toThrow(InsufficientCredits);
    await expect(refused).rejects.toMatchObject({ facts: { available: 10, required: 11 } });
    await expect(adjust(ledger, { userId, amount: -11, description: 'too much' })).rejects.toThrow(InsufficientCredits);
    expect(await balance()).toBe(10);
  });

  test('refunds in parts never exceed the spend', async () => {
    await purchase(ledger, { userId, amount: 100 });
    const { id: refundOf } = await spend(ledger, { userId, amount: 100 });
    await refund(ledger, { userId, amount: 60, refundOf });
    await expect(refund(ledger, { userId, amount: 41, refundOf })).rejects.toMatchObject({
      code: 'credits.refund_exceeds',
      facts: { refundable: 40, required: 41 },
    });
    await refund(ledger, { userId, amount: 40, refundOf });
    await expect(refund(ledger, { userId, amount: 1, refundOf })).rejects.toThrow(RefundExceeds);
    expect(await balance()).toBe(100);
  });

  test('only a spend of the same user can be refunded, and the answer tells nothing about others', async () => {
    const other = await ledger.addUser();
    await purchase(ledger, { userId: other, amount: 10 });
    const foreign = await spend(ledger, { userId: other, amount: 10 });
    const bought = await purchase(ledger, { userId, amount: 10 });
    for (const refundOf of [foreign.id, bought.id, ledger.newId()]) {
      await expect(refund(ledger, { userId, amount: 1, refundOf })).rejects.toThrow(NotRefundable);
    }
  });

  test('a frozen account takes everything but spends, until it is thawed', async () => {
    await purchase(ledger, { userId, amount: 100 });
    const { id: refundOf } = await spend(ledger, { userId, amount: 50 });
    await transact(ledger, (tx) => freezeAccount(ledger, tx, userId));
    await expect(spend(ledger, { userId, amount: 1 })).rejects.toThrow(AccountFrozen);
    await refund(ledger, { userId, amount: 50, refundOf });
    await purchase(ledger, { userId, amount: 1 });
    await adjust(ledger, { userId, amount: -1, description: 'correction' });
    await transact(ledger, (tx) => thawAccount(ledger, tx, userId));
    expect(await spend(ledger, { userId, amount: 100 })).toMatchObject({ balanceAfter: 0 });
  });

  test('a closed account takes nothing', async () => {
    await transact(ledger, (tx) => openAccount(ledger, tx, userId));
    await ledger.database.read(`update credit_account set status = 'closed' where owner_id = ?`, [userId]);
    await expect(purchase(ledger, { userId, amount: 1 })).rejects.toThrow(AccountFrozen);
  });

  test('the account of a user who is not active is opened frozen', async () => {
    for (const status of ['inactive', 'deleted'] as const) {
      const gone = await ledger.addUser(status);
      await purchase(ledger, { userId: gone, amount: 5 });
      await expect(spend(ledger, { userId: gone, amount: 1 })).rejects.toThrow(AccountFrozen);
    }
  });

  test('opening an account twice leaves one', async () => {
    await transact(ledger, async (tx) => {
      await openAccount(ledger, tx, userId);
      await openAccount(ledger, tx, userId);
    });
    expect(await ledger.database.read('select id from credit_account where owner_id = ?', [userId])).toHaveLength(1);
  });

  test('a user who does not exist has no credits and takes none', async () => {
    const nobody = ledger.newId();
    await expect(purchase(ledger, { userId: nobody, amount: 1 })).rejects.toThrow(UserMissing);
    await expect(readBalance(ledger, { userId: nobody })).rejects.toThrow(UserMissing);
    expect(await balance()).toBe(0);
  });

  test('amounts and balances are exact up to 2^53 - 1 and go no further', async () => {
    expect(await purchase(ledger, { userId, amount: AMOUNT_MAX })).toMatchObject({
      amount: AMOUNT_MAX,
      balanceAfter: AMOUNT_MAX,
    });
    await expect(purchase(ledger, { userId, amount: 1 })).rejects.toThrow(BalanceOutOfRange);
    expect(await balance()).toBe(AMOUNT_MAX);
    expect(await adjust(ledger, { userId, amount: -AMOUNT_MAX, description: 'all of it' })).toMatchObject({
      amount: -AMOUNT_MAX,
      balanceAfter: 0,
    });
  });

  test('a clock that steps back does not take the ledger back', async () => {
    const first = await purchase(ledger, { userId, amount: 1 });
    ledger.now.advanceSeconds(-3600);
    expect((await purchase(ledger, { userId, amount: 1 })).createdAt).toEqual(first.createdAt);
  });

  test('every posting leaves one audit entry and one event, ordered by account, and a refused one none', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const spent = await spend(ledger, { userId, amount: 4, description: 'print' });
    await expect(spend(ledger, { userId, amount: 7 })).rejects.toThrow(InsufficientCredits);
    const audit = await ledger.database.read('select actor, action from audit_trail where target = ?', [
      `user:${userId}`,
    ]);
    const act = { actor: 'script', action: 'credits.posted' };
    expect(audit).toEqual([act, act]);
    const events = await eventsOf(userId);
    expect(events.map(({ orderSeq }) => orderSeq)).toEqual([1, 2]);
    expect(events[1]).toMatchObject({
      id: spent.id,
      type: 'credits.posted',
      payload: { id: spent.id, user_id: userId, type: 'spend', amount: -4, balance_after: 6, description: 'print' },
    });
  });

  test('a batch leaves an event for each of its postings, of every account, and of both legs of a transfer', async () => {
    const toUserId = await ledger.addUser();
    await Promise.all([
      ...[1, 2, 3].map((amount) => purchase(ledger, { userId, amount })),
      purchase(ledger, { userId: toUserId, amount: 5 }),
    ]);
    const { id } = await transfer(ledger, { fromUserId: userId, toUserId, amount: 4 });
    const mine = await eventsOf(userId);
    expect(mine.map(({ orderSeq, payload }) => [orderSeq, payload['amount']])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, -4],
    ]);
    const theirs = await eventsOf(toUserId);
    expect(theirs.map(({ orderSeq, payload }) => [orderSeq, payload['amount']])).toEqual([
      [1, 5],
      [2, 4],
    ]);
    expect([mine[3]?.id, theirs[1]?.id]).toEqual([id, `${id}.1`]);
    expect(new Set([...mine, ...theirs].map((event) => event.id)).size).toBe(6);
  });

  test('events are read by their places, however many entries the account has', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const asked: string[] = [];
    const read: typeof ledger.database.read = (sql, params) => {
      if (sql.includes('credit_entry')) asked.push(sql);
      return ledger.database.read(sql, params);
    };
    await pendingEvents({ ...ledger, database: { ...ledger.database, read } }, { limit: 1 }, outboxEvents);
    const explain = { sqlite: 'explain query plan', postgresql: 'explain' }[ledger.database.dialect.name];
    const plan = await ledger.database.run(async (em) => {
      const run = ledger.database.in(em as Tx);
      if (ledger.database.dialect.name === 'postgresql') await run('set local enable_seqscan = off');
      return run(`${explain} ${asked[0]}`, ['[]']);
    });
    // Both ends of the range are looked up in the index.
    expect(JSON.stringify(plan)).toMatch(
      /Index Cond: [^"]*account_id[^"]*seq >= [^"]*seq <= |account_id=\? AND seq>\? AND seq<\?/,
    );
  });

  test('the audit tells whose session posted, from where, and under which correlation id', async () => {
    const caller = {
      actor: `user:${userId}`,
      clientId: 'shop',
      sessionId: ledger.newId(),
      address: '192.0.2.7',
      correlationId: 'c-7',
    };
    await purchase({ ...ledger, context: caller }, { userId, amount: 3 });
    const [act] = await ledger.database.read<Record<string, unknown>>(
      'select * from audit_trail where correlation_id = ? and target = ?',
      ['c-7', `user:${userId}`],
    );
    expect(act).toMatchObject({
      actor: caller.actor,
      action: 'credits.posted',
      client_id: 'shop',
      session_id: caller.sessionId,
      address: '192.0.2.7',
    });
    expect(fromJson(act?.['details'])).toMatchObject({ type: 'purchase', unit: 'credit', amount: 3, balance_after: 3 });
  });

  test('metadata comes back as it went in', async () => {
    const metadata = { z: 1, a: [true, null, { ü: '😀 "quoted" \\ \n' }], big: 1e21, small: 5e-324, '': {} };
    const { id, metadata: answered } = await purchase(ledger, { userId, amount: 1, metadata });
    expect(answered).toEqual(metadata);
    const [row] = await ledger.database.read<{ metadata: unknown }>(
      'select metadata from credit_entry where tx_id = ?',
      [id],
    );
    expect(typeof row?.metadata === 'string' ? JSON.parse(row.metadata) : row?.metadata).toEqual(metadata);
  });
});
