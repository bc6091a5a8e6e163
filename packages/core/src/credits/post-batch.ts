import { DomainError } from '../kernel/errors.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { lockHeads, openAccounts, ownerKey, type Owner } from './accounts.ts';
import { accountsFrom, Book, ownersOf, type Account, type Result } from './book.ts';
import { readEarlier, readMoreLots } from './earlier.ts';
import type { Entry } from './entry.ts';
import type { Operation } from './operation.ts';
import { writePostings } from './write-postings.ts';

export type { Result } from './book.ts';

/** Operations that had their result in an earlier batch, asked for once the accounts are locked. */
type FindSettled = (tx: Tx) => Promise<ReadonlyMap<Operation, Result>>;

/** What came of a batch, and where its accounts stand when it is committed. */
export interface Outcome<Results extends readonly Result[] = readonly Result[]> {
  readonly results: Results;
  /** All that it posts, what was due among it. */
  readonly entries: readonly Entry[];
  readonly accounts: ReadonlyMap<string, Account>;
}

export interface BatchTerms {
  readonly findSettled?: FindSettled;
  /** The accounts to lock, and to post on what is due: those of the operations unless there are more. */
  readonly owners?: readonly Owner[];
}

/**
 * Posts operations in their order, each with a result of its own: a refused one changes nothing and stops no other. What
 * is due on their accounts is posted before. Nothing is kept unless the caller's transaction commits.
 */
export async function postBatch<const Operations extends readonly Operation[]>(
  scope: Scope,
  tx: Tx,
  operations: Operations,
  { findSettled = async () => new Map(), owners = operations.flatMap(ownersOf) }: BatchTerms = {},
): Promise<Outcome<{ [Index in keyof Operations]: Result }>> {
  const { book, settledBefore } = await openBook(scope, tx, owners, operations, findSettled);
  const results = operations.map((operation) => settledBefore.get(operation) ?? book.settle(operation));
  await writePostings(scope, tx, book.entries);
  return {
    results: results as { [Index in keyof Operations]: Result },
    entries: book.entries,
    accounts: book.accounts,
  };
}

/**
 * What the same would come to on accounts as they are believed to stand, without a look at the database. It is the database
 * that knows better: it takes no entry that does not follow the newest one of its account. Undefined when one would be
 * refused: whoever refuses must have looked.
 */
export function decideUnseen(
  scope: Scope,
  operations: readonly Operation[],
  accounts: ReadonlyMap<string, Account>,
): Outcome | undefined {
  const earlier = { keyed: new Map(), origins: new Map(), holds: new Map(), lots: new Map() };
  const book = new Book(scope, accounts, earlier, scope.now());
  book.settleDue();
  const results: Result[] = [];
  for (const operation of operations) {
    const result = book.settle(operation);
    if (result instanceof DomainError) return undefined;
    results.push(result);
  }
  return { results, accounts: book.accounts, entries: book.entries };
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
  const book = new Book(scope, accountsFrom(heads, earlier), earlier, batch.now);
  book.settleDue();
  return { book, settledBefore };
}

function distinct(owners: readonly Owner[]): Owner[] {
  return [...new Map(owners.map((owner) => [ownerKey(owner), owner])).values()];
}
