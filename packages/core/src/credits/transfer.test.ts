import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { transact } from '../kernel/transaction.ts';
import { UserMissing } from '../users/index.ts';
import {
  AccountFrozen,
  BalanceOutOfRange,
  batch,
  BatchRefused,
  findTransaction,
  freezeAccount,
  grant,
  InsufficientCredits,
  LimitInvalid,
  listTransactions,
  purchase,
  readBalance,
  SameAccount,
  setLimits,
  spend,
  transfer,
  type PostInput,
} from './index.ts';

describeOnEachDatabase('between users', ({ url }) => {
  let ledger: TestLedger;
  let fromUserId: string;
  let toUserId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    fromUserId = await ledger.addUser();
    toUserId = await ledger.addUser();
    await purchase(ledger, { userId: fromUserId, amount: 100 });
  });
  afterAll(() => ledger.close());

  const balances = async (): Promise<number[]> =>
    Promise.all([fromUserId, toUserId].map(async (userId) => (await readBalance(ledger, { userId })).balance));

  test('a transfer is one transaction with two sides', async () => {
    const sent = await transfer(ledger, { fromUserId, toUserId, amount: 30, description: 'lunch' });
    expect(sent).toMatchObject({ type: 'transfer_out', amount: -30, balanceAfter: 70, counterpartyId: toUserId });
    const [received] = (await listTransactions(ledger, { userId: toUserId })).data;
    expect(received).toMatchObject({ id: sent.id, type: 'transfer_in', amount: 30, counterpartyId: fromUserId });
    expect(await findTransaction(ledger, { id: sent.id })).toEqual(sent);
    expect(await findTransaction(ledger, { id: sent.id, userId: toUserId })).toEqual(received);
    expect(await balances()).toEqual([70, 30]);
  });

  test('a transferred credit lives no longer than before', async () => {
    const expiresAt = new Date(ledger.now().getTime() + 10_000);
    await grant(ledger, { userId: fromUserId, amount: 5, expiresAt });
    await transfer(ledger, { fromUserId, toUserId, amount: 8 });
    expect(await readBalance(ledger, { userId: toUserId })).toMatchObject({
      expiresNext: { amount: 5, at: expiresAt },
    });
    ledger.now.set(expiresAt);
    expect(await balances()).toEqual([97, 3]);
  });

  test('a refused transfer moves nothing on either side', async () => {
    const nobody = ledger.newId();
    await expect(transfer(ledger, { fromUserId, toUserId, amount: 101 })).rejects.toThrow(InsufficientCredits);
    await expect(transfer(ledger, { fromUserId, toUserId: nobody, amount: 1 })).rejects.toThrow(UserMissing);
    await expect(transfer(ledger, { fromUserId, toUserId: fromUserId, amount: 1 })).rejects.toThrow(SameAccount);
    await setLimits(ledger, { userId: toUserId, ceiling: 10 });
    await expect(transfer(ledger, { fromUserId, toUserId, amount: 11 })).rejects.toThrow(BalanceOutOfRange);
    await transact(ledger, (tx) => freezeAccount(ledger, tx, fromUserId));
    await expect(transfer(ledger, { fromUserId, toUserId, amount: 1 })).rejects.toThrow(AccountFrozen);
    expect(await balances()).toEqual([100, 0]);
  });

  test('transfers to and fro at once all arrive, and nothing is made or lost', async () => {
    await purchase(ledger, { userId: toUserId, amount: 100 });
    const both = Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0 ? { fromUserId, toUserId } : { fromUserId: toUserId, toUserId: fromUserId },
    );
    await Promise.all(both.map((ends) => transfer(ledger, { ...ends, amount: 3 })));
    expect(await balances()).toEqual([100, 100]);
  });

  test('a key makes a transfer once, with both of its sides', async () => {
    const input = { fromUserId, toUserId, amount: 30, idempotencyKey: `t-${fromUserId}` };
    expect(await transfer(ledger, input)).toEqual(await transfer(ledger, input));
    expect(await balances()).toEqual([70, 30]);
  });

  const items = (): PostInput[] => [
    { type: 'spend', userId: fromUserId, amount: 10 },
    { type: 'spend', userId: toUserId, amount: 50 },
    { type: 'transfer', userId: fromUserId, toUserId, amount: 20 },
    { type: 'purchase', userId: fromUserId, amount: -1 },
  ];

  test('a batch has a result for each item, in their order', async () => {
    const results = await batch(ledger, { items: items() });
    const codes = results.map((result) => (result.ok ? result.transaction.amount : result.error.code));
    expect(codes).toEqual([-10, 'credits.insufficient', -20, 'request.invalid']);
    expect(await balances()).toEqual([70, 20]);
  });

  test('an atomic batch is posted whole or not at all', async () => {
    const [first, second, third, fourth] = items() as [PostInput, PostInput, PostInput, PostInput];
    const posted = await batch(ledger, { items: [first, third, { ...second, amount: 2 }], atomic: true });
    expect(posted.every(({ ok }) => ok)).toBe(true);
    expect(await balances()).toEqual([70, 18]);
    const impossible: PostInput = { ...second, amount: 1000 };
    await expect(batch(ledger, { items: [first, impossible], atomic: true })).rejects.toMatchObject({
      code: BatchRefused.reason.code,
      facts: { index: 1, item_code: 'credits.insufficient' },
    });
    await expect(batch(ledger, { items: [first, fourth], atomic: true })).rejects.toMatchObject({
      facts: { index: 1, item_code: 'request.invalid' },
    });
    expect(await balances()).toEqual([70, 18]);
  });

  test('a batch has 1 to 500 items', async () => {
    const [item] = items() as [PostInput];
    await expect(batch(ledger, { items: [] })).rejects.toThrow(InvalidInput);
    await expect(batch(ledger, { items: Array.from({ length: 501 }, () => item) })).rejects.toThrow(InvalidInput);
  });

  test('limits bound the balance on both sides, and the audit says who set them', async () => {
    expect(await setLimits(ledger, { userId: toUserId, floor: -50, ceiling: 10 })).toMatchObject({
      floor: -50,
      ceiling: 10,
      available: 50,
    });
    await spend(ledger, { userId: toUserId, amount: 50 });
    await expect(spend(ledger, { userId: toUserId, amount: 1 })).rejects.toThrow(InsufficientCredits);
    await expect(purchase(ledger, { userId: toUserId, amount: 61 })).rejects.toThrow(BalanceOutOfRange);
    expect(await setLimits(ledger, { userId: toUserId, ceiling: null })).toMatchObject({ floor: -50, ceiling: null });
    await purchase(ledger, { userId: toUserId, amount: 61 });
    const audit = await ledger.database.read(
      `select actor from audit_entry where action = 'credits.limits_set' and target = ?`,
      [`user:${toUserId}`],
    );
    expect(audit).toEqual([{ actor: 'script' }, { actor: 'script' }]);
  });

  test('limits that the account does not meet already are refused', async () => {
    await expect(setLimits(ledger, { userId: fromUserId, ceiling: 99 })).rejects.toThrow(LimitInvalid);
    await setLimits(ledger, { userId: toUserId, floor: -10 });
    await spend(ledger, { userId: toUserId, amount: 5 });
    await expect(setLimits(ledger, { userId: toUserId, floor: -4 })).rejects.toThrow(LimitInvalid);
    await setLimits(ledger, { userId: toUserId, floor: -5 });
    for (const limits of [{ floor: 1 }, { floor: 0.5 }, { ceiling: -1 }, { unit: 'Gold' }]) {
      await expect(setLimits(ledger, { userId: toUserId, ...limits })).rejects.toThrow(InvalidInput);
    }
    await expect(setLimits(ledger, { userId: ledger.newId(), floor: -1 })).rejects.toThrow(UserMissing);
  });
});
