import { CommitUnknown, isConnectionLost, isLocked, isUniqueViolation } from '../../database/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import { ATTEMPTS_MAX, waitAfterRace, type Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import { ownerKey, type Owner } from '../accounts.ts';
import type { Operation } from '../operation.ts';
import { decideUnseen, postBatch, type Outcome, type Result } from '../post-batch.ts';
import { writePostings } from '../write-postings.ts';
import { findSettled, storeSettled, type Settled } from './answers.ts';
import type { BelievedAccounts } from './believed.ts';
import { OutcomeUnknown } from './errors.ts';

/** How a batch is to be committed. */
export interface Commission {
  readonly operations: readonly Operation[];
  /** The accounts of the operations, and others on which only what is due is posted. */
  readonly owners: readonly Owner[];
  /** When one is refused, nothing is posted. */
  readonly isAtomic: boolean;
  /** Which writer of the database: see `Database.begin`. */
  readonly writer: number;
  readonly believed: BelievedAccounts;
  /** Resolves when the batch before is over: whoever looks at accounts must see what became of it. */
  readonly before: Promise<void>;
  /** Called when all was sent, so that the next batch may follow before this one is answered. */
  readonly onSent: () => void;
}

/**
 * Posts a batch in one transaction: first on its accounts as they are believed to stand, if they are; and when the database
 * knows better, behind their locks. There, a lost race runs it again whole, up to 5 times, and a lost connection once. A
 * COMMIT without an answer runs it again as well, for up to 10 seconds: behind the locks the batch then finds what it has
 * posted, or posts it.
 *
 * @throws whatever the last attempt failed with: then nothing of the batch was posted
 * @throws OutcomeUnknown when the database is not there to be asked
 */
export async function commitBatch(scope: Scope, commission: Commission): Promise<Outcome> {
  let inDoubtUntilMs: number | undefined;
  const noteDoubt = (error: unknown): void => {
    if (error instanceof CommitUnknown) inDoubtUntilMs ??= performance.now() + IN_DOUBT_MS_MAX;
  };
  try {
    const outcome = await postUnseen(scope, commission);
    if (outcome !== undefined) return outcome;
  } catch (error) {
    if (!isConnectionLost(error) && !isLocked(error)) commission.believed.doubt(commission.owners);
    noteDoubt(error);
  }
  await commission.before;
  for (let attempt = 1; ; attempt++) {
    try {
      return await postSeen(scope, commission, inDoubtUntilMs !== undefined);
    } catch (error) {
      noteDoubt(error);
      if (inDoubtUntilMs !== undefined) {
        if (performance.now() > inDoubtUntilMs) throw new OutcomeUnknown(error);
      } else if (attempt === ATTEMPTS_MAX || !(lostRace(scope, error) || (attempt === 1 && isConnectionLost(error))))
        throw error;
      await waitAfterRace(Math.min(attempt, ATTEMPTS_MAX));
    }
  }
}

const IN_DOUBT_MS_MAX = 10_000;

/** One attempt on the accounts as they are believed to stand. Undefined, and nothing sent, when that does not do. */
async function postUnseen(scope: Scope, commission: Commission): Promise<Outcome | undefined> {
  const { operations, owners, isAtomic, believed } = commission;
  const accounts = isAtomic ? undefined : believed.of(operations);
  if (accounts === undefined || !owners.every((owner) => accounts.has(ownerKey(owner)))) return undefined;
  const decided = decideUnseen(scope, operations, accounts);
  if (decided === undefined) return undefined;
  return inTransaction(scope, commission, async (tx) => {
    await writePostings(scope, tx, decided.entries);
    await storeSettled(scope, tx, pair(operations, decided.results));
    return decided;
  });
}

/** One attempt behind the locks of its accounts. */
function postSeen(scope: Scope, commission: Commission, isInDoubt: boolean): Promise<Outcome> {
  const { operations, owners } = commission;
  return inTransaction(scope, commission, async (tx) => {
    let before: ReadonlyMap<Operation, Result> = new Map();
    const find = async () => (before = await findSettled(scope, tx, operations, isInDoubt));
    const outcome = await postBatch(scope, tx, operations, { findSettled: find, owners });
    const settled = pair(operations, outcome.results).filter(({ operation }) => !before.has(operation));
    await storeSettled(scope, tx, settled);
    return outcome;
  });
}

async function inTransaction(
  scope: Scope,
  { owners, isAtomic, writer, believed, onSent }: Commission,
  work: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    const open = await scope.database.begin(writer);
    const outcome = await work(open.tx).catch(async (error: unknown) => {
      await open.rollback();
      throw error;
    });
    if (isAtomic && outcome.results.some((result) => result instanceof DomainError)) {
      await open.rollback();
      return outcome;
    }
    const committed = open.commit();
    believed.believe(outcome.accounts);
    onSent();
    await committed;
    return outcome;
  } catch (error) {
    believed.forget(owners);
    throw error;
  }
}

function pair(operations: readonly Operation[], results: readonly Result[]): Settled[] {
  return operations.map((operation, index) => ({ operation, result: results[index] as Result }));
}

/** Another writer was first, at this place of the account or with this key. Run again, the batch sees what that one wrote. */
function lostRace(scope: Scope, error: unknown): boolean {
  return scope.database.mayRetry(error) || FIRST_COME.some((name) => isUniqueViolation(error, name));
}

const FIRST_COME = ['credit_entry_pkey', 'credit_entry_key_unique', 'credit_refusal', 'idempotency_record'];
