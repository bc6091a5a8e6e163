import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import { findAnswer, KeyReused, Replayed, type KeyedPosting, type KeyedRequest } from '../../idempotency/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Scope } from '../../scope.ts';
import { InsufficientCredits, listTransactions, purchase, readBalance, spend } from '../index.ts';

describeOnEachDatabase('a posting that answers a keyed request', ({ url }) => {
  let ledger: TestLedger;
  let other: TestLedger;
  let userId: string;
  beforeAll(async () => {
    const target = await url();
    ledger = await openTestLedger(target);
    other = await openTestLedger(target);
  });
  beforeEach(async () => {
    userId = await ledger.addUser();
  });
  afterAll(() => Promise.all([ledger.close(), other.close()]));

  const requestOf = (key: string, body = 'same'): KeyedRequest => ({
    caller: `user:${userId}`,
    method: 'POST',
    route: '/credits',
    key,
    body,
  });
  const render: KeyedPosting['render'] = (outcome) => ({
    status: 'result' in outcome ? 201 : 402,
    headers: { 'x-kind': 'json' },
    body: JSON.stringify('result' in outcome ? outcome.result : { code: outcome.refusal.code }),
  });
  const keyed = (scope: Scope, request: KeyedRequest): Scope => ({
    ...scope,
    context: { ...scope.context, keyed: { request, render } },
  });
  const replayed = async (posting: Promise<unknown>): Promise<unknown> => {
    const error: unknown = await posting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Replayed);
    return (error as Replayed).answer;
  };

  test('stores its answer with its effect, and the same request again is told that answer', async () => {
    const request = requestOf('stored');
    const made = await purchase(keyed(ledger, request), { userId, amount: 5 });
    const answer = render({ result: made });
    expect(await findAnswer(ledger, request)).toEqual(answer);
    expect(await replayed(purchase(keyed(ledger, request), { userId, amount: 5 }))).toEqual(answer);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5 });
  });

  test('stores a refusal as well', async () => {
    const request = requestOf('refused');
    await expect(spend(keyed(ledger, request), { userId, amount: 5 })).rejects.toThrow(InsufficientCredits);
    await purchase(ledger, { userId, amount: 5 });
    expect(await replayed(spend(keyed(ledger, request), { userId, amount: 5 }))).toMatchObject({ status: 402 });
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5 });
  });

  test('keeps no answer that is not to be kept', async () => {
    const request = requestOf('unkept');
    const scope = { ...ledger, context: { ...ledger.context, keyed: { request, render: () => undefined } } };
    await expect(spend(scope, { userId, amount: 5 })).rejects.toThrow(InsufficientCredits);
    expect(await findAnswer(ledger, request)).toBeUndefined();
  });

  test('is refused when its key came with another request', async () => {
    await purchase(keyed(ledger, requestOf('reused')), { userId, amount: 5 });
    const again = purchase(keyed(ledger, requestOf('reused', 'other')), { userId, amount: 6 });
    await expect(again).rejects.toThrow(KeyReused);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5 });
  });

  test('is made once when both processes carry it out at once, and everybody is told the same', async () => {
    const request = requestOf('raced');
    const asked = Array.from({ length: 40 }, async (_, at) => {
      const from = at % 2 === 0 ? ledger : other;
      return purchase(keyed(from, { ...request, key: `raced-${at >> 1}` }), { userId, amount: 1 });
    });
    const told = (await Promise.allSettled(asked)).map((one) =>
      one.status === 'fulfilled' ? render({ result: one.value })?.body : bodyOf(one.reason),
    );
    for (let at = 0; at < told.length; at += 2) expect(told[at]).toBe(told[at + 1]);
    expect((await listTransactions(ledger, { userId })).data).toHaveLength(20);
  });

  test('asked twice at once in one process, is made once', async () => {
    const scope = keyed(ledger, requestOf('twice'));
    const [first, second] = await Promise.all([1, 2].map(async () => purchase(scope, { userId, amount: 5 })));
    expect(second).toEqual(first);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5 });
  });

  test('an expired answer leaves its key to the next request', async () => {
    const request = requestOf('expired');
    await purchase(keyed(ledger, request), { userId, amount: 5 });
    ledger.now.advanceSeconds(24 * 60 * 60);
    await purchase(keyed(ledger, request), { userId, amount: 5 });
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 10 });
  });
});

function bodyOf(reason: unknown): string {
  if (reason instanceof Replayed) return reason.answer.body;
  throw reason instanceof DomainError ? new Error(reason.code) : reason;
}
