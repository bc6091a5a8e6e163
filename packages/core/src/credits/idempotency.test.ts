import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { KeyReused } from '../idempotency/index.ts';
import type { DomainError } from '../kernel/errors.ts';
import { adjust, InsufficientCredits, listTransactions, purchase, readBalance, refund, spend } from './index.ts';

describeOnEachDatabase('an idempotency key', ({ url }) => {
  let ledger: TestLedger;
  let userId: string;
  let idempotencyKey: string;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
    idempotencyKey = `key-${userId}`;
  });
  afterAll(() => ledger.close());

  test('gives the stored transaction again, whatever happened since', async () => {
    const input = { userId, amount: 100, description: 'top-up', metadata: { b: 1, a: [2] }, idempotencyKey };
    const first = await purchase(ledger, input);
    await spend(ledger, { userId, amount: 100 });
    ledger.now.advanceSeconds(3600);
    expect(await purchase(ledger, { ...input, metadata: { a: [2], b: 1 } })).toEqual(first);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 0 });
  });

  test('makes repeated spends and refunds safe when repeating them would be refused', async () => {
    await purchase(ledger, { userId, amount: 10 });
    const spent = await spend(ledger, { userId, amount: 10, idempotencyKey });
    expect(await spend(ledger, { userId, amount: 10, idempotencyKey })).toEqual(spent);
    const back = { userId, amount: 10, refundOf: spent.id, idempotencyKey: `${idempotencyKey}-back` };
    expect(await refund(ledger, back)).toEqual(await refund(ledger, back));
    expect((await listTransactions(ledger, { userId })).data).toHaveLength(3);
  });

  test('is refused for any other request', async () => {
    await purchase(ledger, { userId, amount: 100, idempotencyKey });
    const other = await ledger.addUser();
    await expect(purchase(ledger, { userId, amount: 101, idempotencyKey })).rejects.toThrow(KeyReused);
    await expect(spend(ledger, { userId, amount: 100, idempotencyKey })).rejects.toThrow(KeyReused);
    await expect(purchase(ledger, { userId: other, amount: 100, idempotencyKey })).rejects.toThrow(KeyReused);
    await expect(adjust(ledger, { userId, amount: 100, description: 'x', idempotencyKey })).rejects.toThrow(KeyReused);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 100 });
  });

  test('belongs to its client', async () => {
    const otherClient = { ...ledger, context: { actor: 'service:shop', clientId: 'shop' } };
    const first = await purchase(ledger, { userId, amount: 1, idempotencyKey });
    const second = await purchase(otherClient, { userId, amount: 1, idempotencyKey });
    expect(second.id).not.toBe(first.id);
    expect(second.actor).toBe('service:shop');
  });

  test('gives a refusal again, with what it said then, and stays used by it', async () => {
    const first = await refusalOf(spend(ledger, { userId, amount: 2, idempotencyKey }));
    await purchase(ledger, { userId, amount: 5 });
    const again = await refusalOf(spend(ledger, { userId, amount: 2, idempotencyKey }));
    expect(again).toBeInstanceOf(InsufficientCredits);
    expect(again).toMatchObject({ code: first.code, message: first.message, facts: { available: 0, required: 2 } });
    await expect(spend(ledger, { userId, amount: 1, idempotencyKey })).rejects.toThrow(KeyReused);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5 });
  });

  test('gives every kind of refusal again', async () => {
    const nobody = ledger.newId();
    const { id: bought } = await purchase(ledger, { userId, amount: 2 ** 53 - 1 });
    const { id: spent } = await spend(ledger, { userId, amount: 1 });
    const refused = [
      () => spend(ledger, { userId: nobody, amount: 1, idempotencyKey: `${idempotencyKey}-nobody` }),
      () => refund(ledger, { userId, amount: 1, refundOf: bought, idempotencyKey: `${idempotencyKey}-purchase` }),
      () => refund(ledger, { userId, amount: 2, refundOf: spent, idempotencyKey: `${idempotencyKey}-more` }),
      () => purchase(ledger, { userId, amount: 2, idempotencyKey: `${idempotencyKey}-range` }),
    ];
    for (const request of refused) {
      const first = await refusalOf(request());
      const again = await refusalOf(request());
      expect(again.constructor).toBe(first.constructor);
      expect(again).toMatchObject({ code: first.code, message: first.message, facts: first.facts });
    }
  });
});

async function refusalOf(refused: Promise<unknown>): Promise<DomainError> {
  return refused.then(
    () => expect.unreachable('it was not refused'),
    (error: unknown) => error as DomainError,
  );
}
