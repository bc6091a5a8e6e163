import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import {
  adjust,
  clawback,
  grant,
  InsufficientCredits,
  listTransactions,
  LotExpired,
  NotRefundable,
  post,
  purchase,
  readBalance,
  RefundExceeds,
  refund,
  settleDue,
  spend,
} from './index.ts';

describeOnEachDatabase('credits that came in', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
  });
  afterAll(() => ledger.close());

  const inSeconds = (seconds: number): Date => new Date(ledger.now().getTime() + seconds * 1000);
  const balance = async (): Promise<number> => (await readBalance(ledger, { userId })).balance;
  /** What remains of what a transaction brought, by its id. */
  const remaining = async (...ids: string[]): Promise<number[]> => {
    const rows = await ledger.database.read<{ tx_id: string; remaining: unknown }>(
      'select tx_id, remaining from credit_lot where account_id = (select id from credit_account where owner_id = ?)',
      [userId],
    );
    return ids.map((id) => Number(rows.find((row) => row.tx_id === id)?.remaining ?? Number.NaN));
  };

  test('are burnt in the documented order, whatever the order they came in', async () => {
    const oldest = await purchase(ledger, { userId, amount: 10 });
    ledger.now.advanceSeconds(1);
    const younger = await purchase(ledger, { userId, amount: 10 });
    const promo = await grant(ledger, { userId, amount: 10 });
    const expiresAt = inSeconds(1000);
    const soon = await purchase(ledger, { userId, amount: 10, expiresAt });
    const soonPromo = await grant(ledger, { userId, amount: 10, expiresAt });
    const first = await adjust(ledger, { userId, amount: 10, description: 'first', priority: 0 });
    const order = [first, soonPromo, soon, promo, oldest, younger].map(({ id }) => id);
    for (const [at] of order.entries()) {
      await spend(ledger, { userId, amount: 10 });
      expect(await remaining(...order)).toEqual(order.map((_, index) => (index <= at ? 0 : 10)));
    }
  });

  test('expire in the very millisecond they say, whether or not a sweeper ran', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const at = inSeconds(60);
    const { id } = await grant(ledger, { userId, amount: 5, expiresAt: at });
    await spend(ledger, { userId, amount: 2 });
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 13, expiresNext: { amount: 3, at } });
    ledger.now.set(new Date(at.getTime() - 1));
    expect(await balance()).toBe(13);
    ledger.now.set(at);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 10, available: 10, expiresNext: null });
    await expect(spend(ledger, { userId, amount: 11 })).rejects.toThrow(InsufficientCredits);
    ledger.now.advanceSeconds(3600);
    const [expired] = (await listTransactions(ledger, { userId })).data;
    expect(expired).toMatchObject({ type: 'expiry', amount: -3, actor: 'system', createdAt: at });
    expect(await remaining(id)).toEqual([0]);
  });

  test('that expire on many accounts are swept, the longest due first, as many as asked for', async () => {
    while ((await settleDue(ledger)).accounts > 0);
    const users = [userId, await ledger.addUser(), await ledger.addUser()];
    for (const [at, each] of users.entries()) {
      await grant(ledger, { userId: each, amount: 5, expiresAt: inSeconds(30 - at) });
      await grant(ledger, { userId: each, amount: 5, expiresAt: inSeconds(40) });
    }
    ledger.now.advanceSeconds(60);
    expect(await settleDue(ledger, { limit: 2 })).toEqual({ accounts: 2 });
    const kept = await ledger.database.read('select id from credit_account where owner_id = ? and balance = 10', [
      userId,
    ]);
    expect(kept).toHaveLength(1);
    expect(await settleDue(ledger, { limit: 2 })).toEqual({ accounts: 1 });
    for (const each of users) {
      const { data } = await listTransactions(ledger, { userId: each });
      expect(data.map(({ type, amount }) => [type, amount])).toEqual([
        ['expiry', -5],
        ['expiry', -5],
        ['grant', 5],
        ['grant', 5],
      ]);
    }
  });

  test('cannot come after they have expired, but a request sent again later is still answered', async () => {
    const input = { userId, amount: 5, expiresAt: inSeconds(10), idempotencyKey: `late-${userId}` };
    const granted = await grant(ledger, input);
    ledger.now.advanceSeconds(20);
    expect(await grant(ledger, input)).toEqual(granted);
    await expect(grant(ledger, { userId, amount: 5, expiresAt: ledger.now() })).rejects.toThrow(LotExpired);
  });

  test('go back where they came from when a spend is refunded, the last burnt first', async () => {
    const promo = await grant(ledger, { userId, amount: 10 });
    const paid = await purchase(ledger, { userId, amount: 10 });
    const { id: refundOf } = await spend(ledger, { userId, amount: 15 });
    expect(await remaining(promo.id, paid.id)).toEqual([0, 5]);
    await refund(ledger, { userId, amount: 3, refundOf });
    expect(await remaining(promo.id, paid.id)).toEqual([0, 8]);
    await refund(ledger, { userId, amount: 12, refundOf });
    expect(await remaining(promo.id, paid.id)).toEqual([10, 10]);
  });

  test('that have expired since come back with the time they had left when they were spent', async () => {
    const { id: refundOf } = await (async () => {
      await grant(ledger, { userId, amount: 10, priority: 7, expiresAt: inSeconds(100) });
      ledger.now.advanceSeconds(70);
      return spend(ledger, { userId, amount: 10 });
    })();
    ledger.now.advanceSeconds(1000);
    const back = await refund(ledger, { userId, amount: 10, refundOf });
    expect(back.expiresAt).toEqual(inSeconds(30));
    expect(await readBalance(ledger, { userId })).toMatchObject({ expiresNext: { amount: 10, at: inSeconds(30) } });
    ledger.now.advanceSeconds(30);
    expect(await balance()).toBe(0);
  });

  test('are taken back when their payment is, from themselves first, in parts that never exceed the purchase', async () => {
    const promo = await grant(ledger, { userId, amount: 10 });
    const bought = await purchase(ledger, { userId, amount: 10 });
    const taken = await clawback(ledger, { userId, amount: 4, refundOf: bought.id });
    expect(taken).toMatchObject({ type: 'clawback', amount: -4, refundOf: bought.id, balanceAfter: 16 });
    expect(await remaining(promo.id, bought.id)).toEqual([10, 6]);
    await expect(clawback(ledger, { userId, amount: 7, refundOf: bought.id })).rejects.toThrow(RefundExceeds);
    for (const refundOf of [promo.id, taken.id, ledger.newId()]) {
      await expect(clawback(ledger, { userId, amount: 1, refundOf })).rejects.toThrow(NotRefundable);
    }
  });

  test('that are spent already are taken back only when told so, as a debt that what comes in pays first', async () => {
    const bought = await purchase(ledger, { userId, amount: 10 });
    await spend(ledger, { userId, amount: 8 });
    const back = { userId, amount: 10, refundOf: bought.id };
    await expect(clawback(ledger, back)).rejects.toMatchObject({ facts: { available: 2, required: 10 } });
    expect(await clawback(ledger, { ...back, allowNegative: true })).toMatchObject({ balanceAfter: -8 });
    await expect(spend(ledger, { userId, amount: 1 })).rejects.toThrow(InsufficientCredits);
    const next = await grant(ledger, { userId, amount: 10 });
    expect(await balance()).toBe(2);
    expect(await remaining(next.id)).toEqual([2]);
  });

  test('can be many: a spend burns as many lots as it takes, and the next one goes on', async () => {
    for (let count = 0; count < 100; count++) await purchase(ledger, { userId, amount: 1 });
    expect(await spend(ledger, { userId, amount: 75 })).toMatchObject({ balanceAfter: 25 });
    expect(await spend(ledger, { userId, amount: 25 })).toMatchObject({ balanceAfter: 0 });
  });

  test('are counted for each unit alone', async () => {
    await purchase(ledger, { userId, amount: 10 });
    await post(ledger, { type: 'grant', userId, unit: 'gold', amount: 3 });
    await expect(post(ledger, { type: 'spend', userId, unit: 'gold', amount: 4 })).rejects.toThrow(InsufficientCredits);
    expect(await readBalance(ledger, { userId, unit: 'gold' })).toMatchObject({ unit: 'gold', balance: 3 });
    expect((await listTransactions(ledger, { userId, unit: 'gold' })).data).toMatchObject([
      { unit: 'gold', amount: 3 },
    ]);
    expect(await balance()).toBe(10);
  });
});
