import { CommitUnknown, isUniqueViolation, type OpenTransaction } from '../../database/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import { ATTEMPTS_MAX, waitAfterRace, type Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import type { Operation } from '../operation.ts';
import { postBatch, type Result } from '../post-batch.ts';
import { findSettled, storeSettled } from './answers.ts';
import { wasCommitted } from './outcome.ts';

/**
 * Posts a batch in one transaction. A lost race runs it again whole, up to 5 times; a COMMIT without an answer is looked up
 * in the database, and run again only when it did not happen. `isAtomic`: when one is refused, nothing is posted.
 *
 * @throws whatever the last attempt failed with: then nothing of the batch was posted
 * @throws OutcomeUnknown when not even the database can be asked
 */
export async function commitBatch(
  scope: Scope,
  operations: readonly Operation[],
  isAtomic: boolean,
): Promise<readonly Result[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(scope, operations, isAtomic);
    } catch (error) {
      const again = error instanceof CommitUnknown || lostRace(scope, error);
      if (attempt === ATTEMPTS_MAX || !again) throw error;
      await waitAfterRace(attempt);
    }
  }
}

async function attemptOnce(
  scope: Scope,
  operations: readonly Operation[],
  isAtomic: boolean,
): Promise<readonly Result[]> {
  const open = await scope.database.begin();
  let results: readonly Result[];
  try {
    results = await postIn(scope, open.tx, operations);
  } catch (error) {
    await open.rollback();
    throw error;
  }
  if (isAtomic && results.some((result) => result instanceof DomainError)) await open.rollback();
  else await commitKnown(scope, open, operations);
  return results;
}

async function postIn(scope: Scope, tx: Tx, operations: readonly Operation[]): Promise<readonly Result[]> {
  let before: ReadonlyMap<Operation, Result> = new Map();
  const results = await postBatch(
    scope,
    tx,
    operations,
    async () => (before = await findSettled(scope, tx, operations)),
  );
  const settled = operations.map((operation, index) => ({ operation, result: results[index] as Result }));
  await storeSettled(
    scope,
    tx,
    settled.filter(({ operation }) => !before.has(operation)),
  );
  return results;
}

/** @throws CommitUnknown when it is known by now that nothing was committed */
async function commitKnown(scope: Scope, open: OpenTransaction, operations: readonly Operation[]): Promise<void> {
  const id = await open.id();
  try {
    await open.commit();
  } catch (error) {
    if (!(error instanceof CommitUnknown) || id === undefined || !(await wasCommitted(scope, id, operations)))
      throw error;
  }
}

/** Another writer was first, at this place of the account or with this key. Run again, the batch sees what that one wrote. */
function lostRace(scope: Scope, error: unknown): boolean {
  return scope.database.mayRetry(error) || FIRST_COME.some((name) => isUniqueViolation(error, name));
}

const FIRST_COME = ['credit_entry_pkey', 'credit_entry_key_unique', 'credit_refusal', 'idempotency_record'];
