import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { lockHeads, openAccounts, ownerKey, type Owner } from './accounts.ts';
import { Book, ownersOf, type Result } from './book.ts';
import { readEarlier, readMoreLots } from './earlier.ts';
import type { Operation } from './operation.ts';
import { writePostings } from './write-postings.ts';

export type { Result } from './book.ts';

/** Operations that had their result in an earlier batch, asked for once the accounts are locked. */
export type FindSettled = (tx: Tx) => Promise<ReadonlyMap<Operation, Result>>;

/**
 * Posts operations in their order, each with a result of its own: a refused one changes nothing and stops no other. What
 * is due on their accounts is posted before. Nothing is kept unless the caller's transaction commits.
 */
export async function postBatch<const Operations extends readonly Operation[]>(
  scope: Scope,
  tx: Tx,
  operations: Operations,
  findSettled: FindSettled = async () => new Map(),
): Promise<{ [Index in keyof Operations]: Result }> {
  const { book, settledBefore } = await openBook(scope, tx, operations.flatMap(ownersOf), operations, findSettled);
  const results = operations.map((operation) => settledBefore.get(operation) ?? book.settle(operation));
  await writePostings(scope, tx, book.posted);
  return results as { [Index in keyof Operations]: Result };
}

/** Locks accounts and posts what is due on them; gives where they stand then, by `ownerKey`, and how many entries that made. */
export async function settleAccounts(scope: Scope, tx: Tx, owners: readonly Owner[]) {
  const { book } = await openBook(scope, tx, owners, [], async () => new Map());
  await writePostings(scope, tx, book.posted);
  return { heads: book.heads(), entries: book.posted.length };
}

async function openBook(
  scope: Scope,
  tx: Tx,
  owners: readonly Owner[],
  operations: readonly Operation[],
  findSettled: FindSettled,
) {
  const batch = { operations, owners: distinct(owners), now: scope.now() };
  const look = () =>
    Promise.all([lockHeads(scope, tx, batch.owners), readEarlier(scope, tx, batch), findSettled(tx)] as const);
  let [heads, earlier, settledBefore] = await look();
  const without = batch.owners.filter((owner) => !heads.has(ownerKey(owner)));
  if (without.length > 0) {
    await openAccounts(scope, tx, without);
    [heads, earlier, settledBefore] = await look();
  }
  await readMoreLots(scope, tx, batch, heads, earlier);
  const book = new Book(scope, heads, earlier, batch.now);
  book.settleDue();
  return { book, settledBefore };
}

function distinct(owners: readonly Owner[]): Owner[] {
  return [...new Map(owners.map((owner) => [ownerKey(owner), owner])).values()];
}
