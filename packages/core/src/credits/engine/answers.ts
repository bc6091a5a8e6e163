import { answerWrites, findAnswers, KeyReused, Replayed, type KeyedPosting } from '../../idempotency/index.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import type { Operation } from '../operation.ts';
import type { Result } from '../post-batch.ts';
import { findPosted } from './find-posted.ts';
import { findRefusals, refusalWrites } from './refusals.ts';

/**
 * The operations that were settled before, each with what came of it then: the answer that its request was given, or the
 * refusal that its key met. Transactions that were made under a key are found with the entries of the batch. `isInDoubt`:
 * an earlier attempt may have posted some of them.
 */
export async function findSettled(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
  isInDoubt: boolean,
): Promise<ReadonlyMap<Operation, Result>> {
  const found = await Promise.all([
    findRefusals(scope, tx, operations),
    findReplays(scope, tx, operations),
    isInDoubt ? findPosted(scope, tx, operations) : [],
  ]);
  return new Map<Operation, Result>(found.flat());
}

async function findReplays(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
): Promise<readonly (readonly [Operation, DomainError])[]> {
  const requests = operations.flatMap(({ context: { keyed } }) => keyed?.request ?? []);
  if (requests.length === 0) return [];
  const found = await findAnswers(scope, scope.database.in(tx), requests);
  return operations.flatMap((operation) => {
    const before = operation.context.keyed && found.get(operation.context.keyed.request);
    if (before === undefined) return [];
    return [[operation, before instanceof KeyReused ? before : new Replayed(before)] as const];
  });
}

/** An operation and what came of it now. */
export interface Settled {
  readonly operation: Operation;
  readonly result: Result;
}

/** Stores what came of a batch together with it: one INSERT for the answers, one for the refusals. */
export async function storeSettled(scope: Scope, tx: Tx, all: readonly Settled[]): Promise<void> {
  // That a key belongs to another request says nothing about the request that has it.
  const settled = all.filter(({ result }) => !(result instanceof KeyReused));
  const answers = settled.flatMap(({ operation: { context }, result }) => rendered(context.keyed, result));
  const writes = [...refusalWrites(scope, settled), ...answerWrites(scope, answers)];
  if (writes.length > 0) await scope.database.writeLast(tx, writes);
  for (const { operation, result } of settled) {
    if (!(result instanceof DomainError)) await operation.context.beforeCommit?.(tx, result);
  }
}

function rendered(keyed: KeyedPosting | undefined, result: Result) {
  const answer = keyed?.render(result instanceof DomainError ? { refusal: result } : { result });
  return keyed === undefined || answer === undefined ? [] : [{ request: keyed.request, answer }];
}
