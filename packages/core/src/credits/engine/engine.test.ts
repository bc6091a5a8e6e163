import { afterEach, beforeEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../../test/ledger-fixture.ts';
import { KeyReused } from '../../idempotency/index.ts';
import { DatabaseUnavailable } from '../../kernel/errors.ts';
import { Overloaded } from '../../kernel/limiter.ts';
import { transact } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import {
  hold,
  InsufficientCredits,
  LedgerClosing,
  listTransactions,
  purchase,
  readBalance,
  settleDue,
  spend,
} from '../index.ts';
import { parseOperation } from '../operation.ts';
import { createPostingEngine, type EngineOptions } from './engine.ts';
import type { PostingAlarm } from './settle.ts';

describeOnEachDatabase('the posting engine', ({ name, url }) => {
  let ledger: TestLedger;
  let userId: string;
  let begun: number;
  beforeEach(async () => {
    ledger = await openTestLedger(await url());
    userId = await ledger.addUser();
    begun = 0;
  });
  afterEach(() => ledger.close());

  /** The same ledger behind an engine of its own, which counts its transactions. */
  function behind(options: Partial<EngineOptions> = {}): Scope {
    const begin = (writer: number): ReturnType<typeof ledger.database.begin> => {
      begun += 1;
      return ledger.database.begin(writer);
    };
    const base = { ...ledger, database: { ...ledger.database, begin } };
    return { ...base, postings: createPostingEngine(base, { lanes: 1, ...options }) };
  }

  test('commits what many callers ask at once in one transaction, with an answer for each', async () => {
    const scope = behind();
    const posted = await Promise.all(
      Array.from({ length: 100 }, (_, at) => purchase(scope, { userId, amount: at + 1 })),
    );
    expect(posted.map(({ amount }) => amount)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    // Where the next batch may follow at once, it is worked out while the database is busy with the first.
    expect(begun).toBe(name === 'postgresql' ? 2 : 1);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 5050 });
  });

  test('lets the same request share the one that is in flight, and refuses another under its key', async () => {
    const scope = behind();
    const request = { userId, amount: 5, idempotencyKey: 'joined' };
    const asked = [request, request, { ...request, amount: 6 }, request].map((input) => purchase(scope, input));
    const [first, second, other, last] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: 'fulfilled', value: { amount: 5 } });
    expect([second, last]).toEqual([first, first]);
    expect(other).toMatchObject({ status: 'rejected', reason: expect.any(KeyReused) as unknown });
    expect((await listTransactions(ledger, { userId })).data).toHaveLength(1);
  });

  test('shares a refusal as well, and remembers it', async () => {
    const scope = behind();
    const request = { userId, amount: 5, idempotencyKey: 'refused' };
    const asked = [1, 2].map(async () => spend(scope, request));
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({ reason: expect.any(InsufficientCredits) as unknown });
    }
    await purchase(scope, { userId, amount: 100 });
    await expect(spend(behind(), request)).rejects.toMatchObject({ facts: { available: 0, required: 5 } });
    const rows = await ledger.database.read('select code from credit_refusal');
    expect(rows).toEqual([{ code: 'credits.insufficient' }]);
  });

  test('lets an operation that the database refuses fail alone, and raises the alarm', async () => {
    for (const sql of poison[name]) await ledger.database.read(sql);
    const alarms: PostingAlarm[] = [];
    const scope = behind({ onAlarm: (alarm) => alarms.push(alarm) });
    const asked = Array.from({ length: 50 }, (_, at) =>
      purchase(scope, { userId, amount: 1, reference: at === 17 ? 'poison' : `order-${at}` }),
    );
    const results = await Promise.allSettled(asked);
    expect(results.flatMap((result, at) => (result.status === 'rejected' ? [at] : []))).toEqual([17]);
    expect(results[17]).toMatchObject({ reason: { message: expect.stringMatching(/poison/) as unknown } });
    expect(alarms.flatMap(({ operations }) => operations.map(({ reference }) => reference))).toEqual(['poison']);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 49 });
    expect(begun).toBeLessThan(20);
  });

  test('settles what is due on every account but the one that the database refuses, and raises the alarm for that', async () => {
    for (const sql of poison[name]) await ledger.database.read(sql);
    const alarms: PostingAlarm[] = [];
    const scope = behind({ onAlarm: (alarm) => alarms.push(alarm) });
    const users = [userId, await ledger.addUser(), await ledger.addUser()];
    for (const [at, each] of users.entries()) {
      await purchase(scope, { userId: each, amount: 20 });
      await hold(scope, { userId: each, amount: at === 1 ? POISONED_HOLD : 5, expiresInSeconds: 1 });
    }
    ledger.now.advanceSeconds(2);
    await expect(settleDue(scope)).rejects.toThrow(/poison/);
    expect(alarms.map(({ operations, owners }) => [operations, owners.map((owner) => owner.userId)])).toEqual([
      [[], [users[1]]],
    ]);
    expect(await ledger.database.read('select id from credit_hold where open')).toHaveLength(1);
  });

  test('carries out what one user asks in its order, also when half of it must be asked again', async () => {
    for (const sql of poison[name]) await ledger.database.read(sql);
    const filler = await ledger.addUser();
    const scope = behind({ onAlarm: () => undefined });
    await purchase(scope, { userId: filler, amount: 1_000 });
    await purchase(scope, { userId, amount: 1 });
    const fill = (count: number) => Array.from({ length: count }, () => spend(scope, { userId: filler, amount: 1 }));
    const poisoned = spend(scope, { userId: filler, amount: 1, reference: 'poison' });
    const first = [...fill(60), purchase(scope, { userId, amount: 100 })];
    const then = [...fill(60), spend(scope, { userId, amount: 50 }), ...fill(10)];
    await expect(poisoned).rejects.toThrow(/poison/);
    await Promise.all([...first, ...then]);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 51 });
  });

  test.runIf(name === 'postgresql')('an account that somebody keeps locked stops itself alone', async () => {
    const scope = behind();
    const others = await Promise.all(Array.from({ length: 7 }, () => ledger.addUser()));
    await Promise.all([userId, ...others].map((id) => purchase(scope, { userId: id, amount: 10 })));
    const locked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const keeping = transact(ledger, async (tx) => {
      await ledger.database.in(tx)('select 1 from credit_account where owner_id = ? for no key update', [userId]);
      locked.resolve();
      await go.promise;
    });
    await locked.promise;
    const stuck = spend(scope, { userId, amount: 1 });
    const free = others.map((id) => spend(scope, { userId: id, amount: 1 }));
    stuck.catch(() => undefined);
    expect(await Promise.all(free)).toMatchObject(others.map(() => ({ balanceAfter: 9 })));
    await expect(stuck).rejects.toThrow(DatabaseUnavailable);
    go.resolve();
    await keeping;
    expect(await spend(scope, { userId, amount: 1 })).toMatchObject({ balanceAfter: 9 });
  });

  test('refuses what would wait behind a full queue, and posts the rest', async () => {
    const scope = behind({ queuedMax: 10 });
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => purchase(scope, { userId, amount: 1 })));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason as unknown)).toEqual([expect.any(Overloaded), expect.any(Overloaded)]);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 10 });
  });

  test('answers what it took when it is closed, and takes nothing more', async () => {
    const scope = behind();
    const taken = Array.from({ length: 20 }, () => purchase(scope, { userId, amount: 1 }));
    let answered = 0;
    for (const one of taken) void one.then(() => (answered += 1));
    const closed = scope.postings.close();
    await expect(purchase(scope, { userId, amount: 1 })).rejects.toThrow(LedgerClosing);
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(20);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 20 });
  });

  test('refuses to post from inside a transaction, where it would wait for itself', async () => {
    const inside = transact(ledger, () => purchase(ledger, { userId, amount: 1 }));
    await expect(inside).rejects.toThrow('transact inside transact');
  });

  test('posts a group whole, or not at all when one of it is refused', async () => {
    const scope = behind();
    const group = (amounts: readonly number[]) =>
      amounts.map((amount) =>
        parseOperation(
          scope,
          amount > 0 ? { type: 'purchase', userId, amount } : { type: 'spend', userId, amount: -amount },
        ),
      );
    const refused = await scope.postings.submitTogether(group([10, -4, -7]));
    expect(refused[2]).toBeInstanceOf(InsufficientCredits);
    expect((await listTransactions(ledger, { userId })).data).toEqual([]);
    const together = [scope.postings.submitTogether(group([10, -4])), purchase(scope, { userId, amount: 1 })];
    await Promise.all(together);
    expect(await readBalance(ledger, { userId })).toMatchObject({ balance: 7 });
  });
});

/** A rule of the database that the domain does not know. */
const POISONED_HOLD = 13;
const poison = {
  sqlite: [
    `create trigger poison before insert on credit_entry when new.reference = 'poison' or new.held_delta = -${POISONED_HOLD}
     begin select raise(abort, 'poison'); end`,
  ],
  postgresql: [
    `alter table credit_entry add constraint poison check (reference <> 'poison' and held_delta <> -${POISONED_HOLD})`,
  ],
};
