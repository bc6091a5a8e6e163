import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/sql';

declare const transactional: unique symbol;

/** An EntityManager with an open transaction. Only `transact` makes one, so whatever writes must be handed one. */
export type Tx = EntityManager & { readonly [transactional]: true };

/** What `transact` needs to know of a database. */
export interface TransactionSource {
  /** Runs `work` between BEGIN and COMMIT, or rolls back. */
  run<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Whether the statement lost a race (deadlock, serialization, stale head) and the whole transaction may be run again. */
  mayRetry(error: unknown): boolean;
  /** The domain's name for a driver's error, or the error itself. */
  translate(error: unknown): unknown;
}

export interface TransactScope {
  readonly database: TransactionSource;
  readonly context: {
    /** Runs last inside the transaction, with the result: how an answer is stored together with its effect. */
    readonly beforeCommit?: ((tx: Tx, result: unknown) => Promise<void>) | undefined;
  };
}

export const ATTEMPTS_MAX = 5;
const inTransaction = new AsyncLocalStorage<true>();

/**
 * Runs `work` in one database transaction: commits its result, or rolls everything back and rethrows.
 * Lost races are run again up to 5 times, so `work` must have no effect outside the database.
 *
 * @throws Error when called inside another `transact`: on a one-connection database it would wait for itself for ever.
 */
export async function transact<T>(scope: TransactScope, work: (tx: Tx) => Promise<T>): Promise<T> {
  refuseInsideTransaction();
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTransaction.run(true, () => attemptOnce(scope, work));
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !scope.database.mayRetry(error)) throw scope.database.translate(error);
      await waitAfterRace(attempt);
    }
  }
}

/** @throws Error inside `transact`: what waits for another transaction there may wait for itself for ever */
export function refuseInsideTransaction(): void {
  if (inTransaction.getStore() === true) throw new Error('transact inside transact: hand the open tx on instead');
}

/** Full jitter, so that the losers of one race do not meet again. */
export async function waitAfterRace(attempt: number): Promise<void> {
  await wait(Math.random() * 5 * 2 ** attempt);
}

async function attemptOnce<T>(scope: TransactScope, work: (tx: Tx) => Promise<T>): Promise<T> {
  return scope.database.run(async (em) => {
    const tx = em as Tx;
    const result = await work(tx);
    await tx.flush();
    await scope.context.beforeCommit?.(tx, result);
    return result;
  });
}
