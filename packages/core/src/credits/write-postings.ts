import { insertRows, type Columns, type RowOf } from '../database/index.ts';
import { rfc3339 } from '../kernel/clock.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Context, Scope } from '../scope.ts';
import { ENTRY_COLUMNS, rowOf, type Entry } from './entry.ts';
import type { TransactionView } from './views.ts';

/** An entry to be written, and whose it is and who asked for it. */
export interface Posted {
  readonly entry: Entry;
  readonly view: TransactionView;
  readonly context: Context;
}

/**
 * Writes entries with an audit row and an event for each, whatever their number as one INSERT for each table. The
 * triggers on `credit_entry` move the heads, lots, holds and what is left to refund, or refuse everything.
 */
export async function writePostings(scope: Scope, tx: Tx, posted: readonly Posted[]): Promise<void> {
  if (posted.length === 0) return;
  const { dialect } = scope.database;
  // One after the other: the database takes in the entries while the rows that go with them are being made.
  const entries = posted.map(({ entry }) => rowOf(entry));
  await scope.database.writeLast(tx, insertRows(dialect, 'credit_entry', ENTRY_COLUMNS, entries));
  const now = scope.now();
  const acts = posted.map((each) => auditRowOf(each, scope.newId(), now));
  await scope.database.writeLast(tx, insertRows(dialect, 'audit_entry', AUDIT_COLUMNS, acts));
  const events = posted.map((each) => eventRowOf(each, scope.newId(), now));
  await scope.database.writeLast(tx, insertRows(dialect, 'outbox_event', EVENT_COLUMNS, events));
}

const AUDIT_COLUMNS = {
  id: 'uuid',
  at: 'time',
  actor: 'text',
  action: 'text',
  target: 'text',
  client_id: 'text',
  session_id: 'uuid',
  address: 'text',
  correlation_id: 'text',
  details: 'json',
} as const satisfies Columns;

function auditRowOf({ view, context }: Posted, id: string, at: Date): RowOf<typeof AUDIT_COLUMNS> {
  return {
    id,
    at,
    actor: context.actor,
    action: 'credits.posted',
    target: `user:${view.userId}`,
    client_id: context.clientId,
    session_id: context.sessionId ?? null,
    address: context.address ?? null,
    correlation_id: context.correlationId ?? null,
    details: { id: view.id, type: view.type, unit: view.unit, amount: view.amount, balance_after: view.balanceAfter },
  };
}

const EVENT_COLUMNS = {
  id: 'uuid',
  type: 'text',
  order_key: 'text',
  order_seq: 'integer',
  payload: 'json',
  created_at: 'time',
} as const satisfies Columns;

function eventRowOf({ entry, view }: Posted, id: string, now: Date): RowOf<typeof EVENT_COLUMNS> {
  return {
    id,
    type: 'credits.posted',
    order_key: `credit_account:${entry.accountId}`,
    order_seq: entry.seq,
    payload: {
      id: view.id,
      user_id: view.userId,
      unit: view.unit,
      type: view.type,
      amount: view.amount,
      balance_after: view.balanceAfter,
      held_change: view.heldChange,
      held_after: view.heldAfter,
      description: view.description,
      reference: view.reference,
      refund_of: view.refundOf,
      hold_id: view.holdId,
      counterparty_id: view.counterpartyId,
      metadata: view.metadata,
      actor: view.actor,
      created_at: rfc3339(view.createdAt),
    },
    created_at: now,
  };
}
