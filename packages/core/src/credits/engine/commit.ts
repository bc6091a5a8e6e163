import { CommitUnknown, isUniqueViolation } from '../../database/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import { ATTEMPTS_MAX, waitAfterRace, type Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import type { Operation } from '../operation.ts';
import { postBatch, type Result } from '../post-batch.ts';
import { findSettled, storeSettled } from './answers.ts';
import { OutcomeUnknown } from './errors.ts';

/**
 * Posts a batch in one transaction. A lost race runs it again whole, up to 5 times. A COMMIT without an answer runs it again
 * as well, for up to 10 seconds: behind the locks of its accounts the batch then finds what it has posted, or posts it.
 * `isAtomic`: when one is refused, nothing is posted.
 *
 * @throws whatever the last attempt failed with: then nothing of the batch was posted
 * @throws OutcomeUnknown when the database is not there to be asked
 */
export async function commitBatch(
  scope: Scope,
  operations: readonly Operation[],
  isAtomic: boolean,
): Promise<readonly Result[]> {
  let unknownUntilMs: number | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(scope, operations, { isAtomic, isInDoubt: unknownUntilMs !== undefined });
    } catch (error) {
      if (error instanceof CommitUnknown) unknownUntilMs ??= performance.now() + IN_DOUBT_MS_MAX;
      if (unknownUntilMs === undefined) {
        if (attempt === ATTEMPTS_MAX || !lostRace(scope, error)) throw error;
      } else if (performance.now() > unknownUntilMs) throw new OutcomeUnknown(error);
      await waitAfterRace(Math.min(attempt, ATTEMPTS_MAX));
    }
  }
}

const IN_DOUBT_MS_MAX = 10_000;

async function attemptOnce(
  scope: Scope,
  operations: readonly Operation[],
  { isAtomic, isInDoubt }: { isAtomic: boolean; isInDoubt: boolean },
): Promise<readonly Result[]> {
  const open = await scope.database.begin();
  let results: readonly Result[];
  try {
    results = await postIn(scope, open.tx, operations, isInDoubt);
  } catch (error) {
    await open.rollback();
    throw error;
  }
  if (isAtomic && results.some((result) => result instanceof DomainError)) await open.rollback();
  else await open.commit();
  return results;
}

async function postIn(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
  isInDoubt: boolean,
): Promise<readonly Result[]> {
  let before: ReadonlyMap<Operation, Result> = new Map();
  const results = await postBatch(
    scope,
    tx,
    operations,
    async () => (before = await findSettled(scope, tx, operations, isInDoubt)),
  );
  const settled = operations.map((operation, index) => ({ operation, result: results[index] as Result }));
  await storeSettled(
    scope,
    tx,
    settled.filter(({ operation }) => !before.has(operation)),
  );
  return results;
}

/** Another writer was first, at this place of the account or with this key. Run again, the batch sees what that one wrote. */
function lostRace(scope: Scope, error: unknown): boolean {
  return scope.database.mayRetry(error) || FIRST_COME.some((name) => isUniqueViolation(error, name));
}

const FIRST_COME = ['credit_entry_pkey', 'credit_entry_key_unique', 'credit_refusal', 'idempotency_record'];
