import { insertRows } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import { eventStatement } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { ENTRY_COLUMNS, rowOf, type Entry } from './entry.ts';
import { postedEvent } from './posted-event.ts';

/** Entries of one batch are of one moment, mostly of one kind, and often asked for by one service or for one account. */
const ALIKE = [
  ['account_id'],
  ['contra_id', 'kind', 'leg', 'held_delta', 'held_after', 'created_at'],
  ['client_id', 'actor', 'session_id', 'address'],
];

/**
 * Writes entries behind the locks of their accounts, whatever their number with one INSERT, and one event that names them.
 * The triggers on `credit_entry` move the heads, lots, holds and what is left to refund, or refuse everything.
 *
 * The locks come first: an entry inserted before its account is locked waits for the entry with its place that another
 * transaction inserts, and that one for the account.
 */
export async function writePostings(scope: Scope, tx: Tx, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const { database } = scope;
  const locking = { table: 'credit_account', ids: [...new Set(entries.map(({ accountId }) => accountId))] };
  await database.writeLast(tx, [
    ...insertRows(database.dialect, 'credit_entry', ENTRY_COLUMNS, entries.map(rowOf), { locking, alike: ALIKE }),
    eventStatement(scope, postedEvent(entries)),
  ]);
}
