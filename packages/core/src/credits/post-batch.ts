import { KeyReused } from '../idempotency/index.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { lockHeads } from './accounts.ts';
import { apply, type Head } from './apply.ts';
import { keyOf, readEarlier, type Earlier } from './earlier.ts';
import type { Entry } from './entry.ts';
import type { Operation } from './operation.ts';
import { viewOf, type TransactionView } from './views.ts';
import { writePostings, type Posted } from './write-postings.ts';

/** What became of one operation: its transaction, now or under the same key before, or the reason for its refusal. */
export type Result = TransactionView | DomainError;

/**
 * Posts operations in their order, each with a result of its own: a refused one changes nothing and stops no other.
 * Nothing is kept unless the caller's transaction commits.
 */
export async function postBatch<const Operations extends readonly Operation[]>(
  scope: Scope,
  tx: Tx,
  operations: Operations,
): Promise<{ [Index in keyof Operations]: Result }> {
  const heads = await lockHeads(
    scope,
    tx,
    operations.map(({ userId }) => userId),
  );
  const ledger = { heads, ...(await readEarlier(scope, tx, operations)) };
  const now = scope.now();
  const posted: Posted[] = [];
  const results = operations.map((operation) => {
    const settled = settle(ledger, operation, now);
    if (settled instanceof DomainError) return settled;
    if (settled.isNew) posted.push({ entry: settled.entry, operation });
    return viewOf(settled.entry, operation.userId);
  });
  await writePostings(scope, tx, posted);
  return results as { [Index in keyof Operations]: Result };
}

/** The ledger as the batch has it: `settle` moves it forward from one operation to the next. */
interface Ledger extends Earlier {
  readonly heads: Map<string, Head>;
}

function settle(ledger: Ledger, operation: Operation, now: Date): { entry: Entry; isNew: boolean } | DomainError {
  const { userId, idemKey, originTxId, context } = operation;
  const earlier = idemKey === null ? undefined : ledger.keyed.get(keyOf(context.clientId, idemKey));
  if (earlier !== undefined)
    return isSameRequest(earlier, operation) ? { entry: earlier, isNew: false } : new KeyReused();
  const head = ledger.heads.get(userId);
  if (head === undefined) return new UserMissing(userId);
  const refundable = originTxId === null ? undefined : ledger.refundables.get(originTxId);
  const posting = apply({ head, refundable }, operation, now);
  if (posting instanceof DomainError) return posting;
  ledger.heads.set(userId, posting.head);
  if (posting.refundable !== undefined) ledger.refundables.set(posting.refundable.txId, posting.refundable);
  if (idemKey !== null) ledger.keyed.set(keyOf(context.clientId, idemKey), posting.entry);
  return { entry: posting.entry, isNew: true };
}

function isSameRequest(earlier: Entry, { requestHash }: Operation): boolean {
  return earlier.requestHash !== null && requestHash !== null && earlier.requestHash.equals(requestHash);
}
