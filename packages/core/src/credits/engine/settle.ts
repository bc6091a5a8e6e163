import { isLocked } from '../../database/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Scope } from '../../scope.ts';
import type { Owner } from '../accounts.ts';
import type { Operation } from '../operation.ts';
import type { Outcome, Result } from '../post-batch.ts';
import { commitBatch, type Commission } from './commit.ts';

/** What one caller waits for. */
export interface Job {
  readonly operations: readonly Operation[];
  /** The accounts of the operations, and others on which only what is due is posted. */
  readonly owners: readonly Owner[];
  /** Whether it has a transaction of its own, in which a refusal of one refuses all. */
  readonly isAtomic: boolean;
  readonly answer: (results: readonly Result[]) => void;
  readonly fail: (error: unknown) => void;
}

/** What the database refused although the domain allowed it. */
export interface PostingAlarm {
  /** None when it was only what is due on the accounts. */
  readonly operations: readonly Operation[];
  readonly owners: readonly Owner[];
  readonly error: unknown;
}

type OnAlarm = (alarm: PostingAlarm) => void;

/** How the jobs of a lane are settled. */
export type Terms = Pick<Commission, 'writer' | 'believed' | 'before' | 'onSent'> & { readonly onAlarm: OnAlarm };

/** Answers every job of a batch. Never rejects. */
export async function settle(scope: Scope, jobs: readonly Job[], terms: Terms): Promise<void> {
  const atomic = jobs.filter((job) => job.isAtomic);
  const shared = jobs.filter((job) => !job.isAtomic);
  // Only the last transaction of a batch may be overtaken by the next batch.
  await settleShared(scope, shared, atomic.length === 0 ? terms : { ...terms, onSent: nothing });
  for (const job of atomic) await settleShared(scope, [job], { ...terms, onSent: nothing });
}

/**
 * When a batch cannot be written and the database is there, one of its jobs is at fault, or its account is locked by
 * somebody: the halves are tried alone, until that one stands alone.
 */
async function settleShared(scope: Scope, jobs: readonly Job[], terms: Terms): Promise<void> {
  if (jobs.length === 0) return;
  const operations = jobs.flatMap((job) => job.operations);
  try {
    const owners = jobs.flatMap((job) => job.owners);
    answer(jobs, await commitBatch(scope, { ...terms, operations, owners, isAtomic: jobs[0]?.isAtomic === true }));
  } catch (cause) {
    const error = scope.database.translate(cause);
    if (jobs.length === 1 || (concernsAll(error) && !isLocked(cause))) return fail(jobs, error, terms.onAlarm);
    const half = jobs.length >> 1;
    await settleShared(scope, jobs.slice(0, half), { ...terms, onSent: nothing });
    await settleShared(scope, jobs.slice(half), { ...terms, onSent: nothing });
  }
}

function nothing(): void {}

function answer(jobs: readonly Job[], { results }: Outcome): void {
  let from = 0;
  for (const { operations, answer: tell } of jobs) {
    tell(results.slice(from, from + operations.length));
    from += operations.length;
  }
}

function fail(jobs: readonly Job[], error: unknown, onAlarm: OnAlarm): void {
  for (const { operations, owners, fail: tell } of jobs) {
    if (!(error instanceof DomainError)) onAlarm({ operations, owners, error });
    tell(error);
  }
}

/** A database that is away or overrun is nobody's fault. */
function concernsAll(error: unknown): boolean {
  return error instanceof DomainError && error.reason.kind === 'unavailable';
}
