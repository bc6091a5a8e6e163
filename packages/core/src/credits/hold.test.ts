import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { transact } from '../kernel/transaction.ts';
import {
  AccountFrozen,
  capture,
  clawback,
  freezeAccount,
  getHold,
  grant,
  hold,
  HoldClosed,
  HoldExceeds,
  HoldMissing,
  InsufficientCredits,
  listTransactions,
  purchase,
  readBalance,
  refund,
  release,
  settleDue,
  spend,
} from './index.ts';

const DAY_SECONDS = 24 * 60 * 60;

describeOnEachDatabase('a hold', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
    await purchase(ledger, { userId, amount: 100 });
  });
  afterAll(() => ledger.close());

  const standing = async (): Promise<[balance: number, held: number, available: number]> => {
    const { balance, held, available } = await readBalance(ledger, { userId });
    return [balance, held, available];
  };

  test('keeps credits in the balance and away from every other spend', async () => {
    const placed = await hold(ledger, { userId, amount: 60, description: 'hotel', reference: 'r-1' });
    expect(placed).toEqual({
      id: placed.id,
      userId,
      unit: 'credit',
      amount: 60,
      captured: 0,
      released: 0,
      held: 60,
      status: 'open',
      expiresAt: new Date(ledger.now().getTime() + 7 * DAY_SECONDS * 1000),
      description: 'hotel',
      reference: 'r-1',
      createdAt: ledger.now(),
    });
    expect(await getHold(ledger, { id: placed.id })).toEqual(placed);
    expect(await standing()).toEqual([100, 60, 40]);
    await expect(spend(ledger, { userId, amount: 41 })).rejects.toThrow(InsufficientCredits);
    await expect(hold(ledger, { userId, amount: 41 })).rejects.toMatchObject({
      facts: { available: 40, required: 41 },
    });
  });

  test('is captured in parts, never beyond itself, and then closed', async () => {
    const { id: holdId } = await hold(ledger, { userId, amount: 60 });
    expect(await capture(ledger, { holdId, amount: 25 })).toMatchObject({
      type: 'capture',
      holdId,
      amount: -25,
      balanceAfter: 75,
      heldChange: -25,
      heldAfter: 35,
    });
    await expect(capture(ledger, { holdId, amount: 36 })).rejects.toMatchObject({
      code: HoldExceeds.reason.code,
      facts: { held: 35, required: 36 },
    });
    await capture(ledger, { holdId });
    expect(await getHold(ledger, { id: holdId })).toMatchObject({
      captured: 60,
      released: 0,
      held: 0,
      status: 'closed',
    });
    await expect(capture(ledger, { holdId, amount: 1 })).rejects.toThrow(HoldClosed);
    await expect(release(ledger, { holdId })).rejects.toThrow(HoldClosed);
    expect(await standing()).toEqual([40, 0, 40]);
  });

  test('lets go of the rest with a final capture', async () => {
    const { id: holdId } = await hold(ledger, { userId, amount: 60 });
    await capture(ledger, { holdId, amount: 10, final: true });
    expect(await getHold(ledger, { id: holdId })).toMatchObject({ captured: 10, released: 50, status: 'closed' });
    expect(await standing()).toEqual([90, 0, 90]);
  });

  test('is released whole or for what a capture has left', async () => {
    const { id: holdId } = await hold(ledger, { userId, amount: 60 });
    await capture(ledger, { holdId, amount: 10 });
    expect(await release(ledger, { holdId })).toMatchObject({ type: 'release', holdId, amount: 0, heldChange: -50 });
    expect(await standing()).toEqual([90, 0, 90]);
  });

  test('ends by itself in the millisecond it says, whether or not a sweeper ran', async () => {
    const { id: holdId, expiresAt } = await hold(ledger, { userId, amount: 60, expiresInSeconds: 10 });
    ledger.now.set(new Date(expiresAt.getTime() - 1));
    expect(await standing()).toEqual([100, 60, 40]);
    ledger.now.set(expiresAt);
    expect(await standing()).toEqual([100, 0, 100]);
    expect(await getHold(ledger, { id: holdId })).toMatchObject({ released: 60, held: 0, status: 'closed' });
    ledger.now.advanceSeconds(3600);
    await expect(capture(ledger, { holdId })).rejects.toThrow(HoldClosed);
    await spend(ledger, { userId, amount: 100 });
    const [, ended] = (await listTransactions(ledger, { userId })).data;
    expect(ended).toMatchObject({
      type: 'hold_expiry',
      holdId,
      heldChange: -60,
      actor: 'system',
      createdAt: expiresAt,
    });
  });

  test('is ended by the sweeper once, with the time when it was due', async () => {
    await settleDue(ledger);
    const { expiresAt } = await hold(ledger, { userId, amount: 60, expiresInSeconds: 10 });
    ledger.now.advanceSeconds(3600);
    expect(await settleDue(ledger)).toEqual({ accounts: 1 });
    expect(await settleDue(ledger)).toEqual({ accounts: 0 });
    const [ended] = (await listTransactions(ledger, { userId })).data;
    expect(ended).toMatchObject({ type: 'hold_expiry', createdAt: expiresAt });
  });

  test('keeps what it holds from expiring, until it ends', async () => {
    const expiresAt = new Date(ledger.now().getTime() + 10_000);
    await grant(ledger, { userId, amount: 50, expiresAt, priority: 1 });
    const { id: holdId } = await hold(ledger, { userId, amount: 30, expiresInSeconds: 100 });
    ledger.now.advanceSeconds(20);
    expect(await standing()).toEqual([130, 30, 100]);
    await capture(ledger, { holdId, amount: 20 });
    expect(await standing()).toEqual([110, 10, 100]);
    await release(ledger, { holdId });
    expect(await standing()).toEqual([100, 0, 100]);
  });

  test('of a user who is deactivated can be captured and released, but none can be placed', async () => {
    const { id: holdId } = await hold(ledger, { userId, amount: 60 });
    await transact(ledger, (tx) => freezeAccount(ledger, tx, userId));
    await capture(ledger, { holdId, amount: 10 });
    await release(ledger, { holdId });
    await expect(hold(ledger, { userId, amount: 1 })).rejects.toThrow(AccountFrozen);
  });

  test('is captured even when what it held was clawed back, and a capture is refunded like a spend', async () => {
    const [bought] = (await listTransactions(ledger, { userId })).data;
    const { id: holdId } = await hold(ledger, { userId, amount: 60 });
    await clawback(ledger, { userId, amount: 100, refundOf: bought?.id ?? '', allowNegative: true });
    expect(await standing()).toEqual([0, 60, -60]);
    const captured = await capture(ledger, { holdId });
    expect(await standing()).toEqual([-60, 0, -60]);
    await refund(ledger, { userId, amount: 60, refundOf: captured.id });
    expect(await standing()).toEqual([0, 0, 0]);
  });

  test('has one answer for a key, however often it is sent', async () => {
    const input = { userId, amount: 60, idempotencyKey: `hold-${userId}` };
    const placed = await hold(ledger, input);
    const key = `capture-${userId}`;
    const captured = await capture(ledger, { holdId: placed.id, idempotencyKey: key });
    expect(await hold(ledger, input)).toEqual(placed);
    expect(await capture(ledger, { holdId: placed.id, idempotencyKey: key })).toEqual(captured);
    expect(await standing()).toEqual([40, 0, 40]);
  });

  test('of another user does not exist', async () => {
    const { id: holdId } = await hold(ledger, { userId, amount: 1 });
    const other = await ledger.addUser();
    await expect(getHold(ledger, { id: holdId, userId: other })).rejects.toThrow(HoldMissing);
    await expect(capture(ledger, { holdId, userId: other })).rejects.toThrow(HoldMissing);
    await expect(release(ledger, { holdId: ledger.newId() })).rejects.toThrow(HoldMissing);
    await expect(getHold(ledger, { id: 'x' })).rejects.toThrow(InvalidInput);
  });

  test.for([0, 0.5, 30 * DAY_SECONDS + 1, Number.NaN])('does not last %d seconds', async (expiresInSeconds) => {
    await expect(hold(ledger, { userId, amount: 1, expiresInSeconds })).rejects.toThrow(InvalidInput);
  });
});
