import { insertRows, type Columns, type RowOf } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { ENTRY_COLUMNS, rowOf, type Entry } from './entry.ts';
import type { Operation } from './operation.ts';
import { viewOf } from './views.ts';

/** An entry to be written, and whose it is and who asked for it. */
export interface Posted {
  readonly entry: Entry;
  readonly operation: Pick<Operation, 'userId' | 'unit' | 'context'>;
}

/**
 * Writes entries with an audit row and an event for each, whatever their number as one INSERT for each table. The
 * triggers on `credit_entry` move the heads, lots, holds and what is left to refund, or refuse everything.
 */
export async function writePostings(scope: Scope, tx: Tx, posted: readonly Posted[]): Promise<void> {
  if (posted.length === 0) return;
  const { dialect } = scope.database;
  // One after the other: the database takes in the entries while the rows that go with them are being made.
  const entries = posted.map(({ entry }) => ({ ...rowOf(entry), hash: entry.hash }));
  await scope.database.writeLast(tx, insertRows(dialect, 'credit_entry', ENTRY_COLUMNS, entries));
  const acts = posted.map((each) => auditRowOf(scope, each));
  await scope.database.writeLast(tx, insertRows(dialect, 'audit_entry', AUDIT_COLUMNS, acts));
  const events = posted.map((each) => eventRowOf(scope, each));
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

function auditRowOf(
  scope: Scope,
  { entry, operation: { userId, unit, context } }: Posted,
): RowOf<typeof AUDIT_COLUMNS> {
  return {
    id: scope.newId(),
    at: scope.now(),
    actor: context.actor,
    action: 'credits.posted',
    target: `user:${userId}`,
    client_id: context.clientId,
    session_id: context.sessionId ?? null,
    address: context.address ?? null,
    correlation_id: context.correlationId ?? null,
    details: { id: entry.txId, type: entry.kind, unit, amount: entry.amount, balance_after: entry.balanceAfter },
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

function eventRowOf(scope: Scope, { entry, operation: { userId, unit } }: Posted): RowOf<typeof EVENT_COLUMNS> {
  const view = viewOf(entry, { userId, unit });
  return {
    id: scope.newId(),
    type: 'credits.posted',
    order_key: `credit_account:${entry.accountId}`,
    order_seq: entry.seq,
    payload: {
      id: entry.txId,
      user_id: userId,
      unit,
      type: entry.kind,
      amount: entry.amount,
      balance_after: entry.balanceAfter,
      held_change: entry.heldDelta,
      held_after: entry.heldAfter,
      description: entry.description,
      reference: entry.reference,
      refund_of: view.refundOf,
      hold_id: view.holdId,
      counterparty_id: entry.counterpartyId,
      metadata: entry.metadata,
      actor: entry.actor,
      created_at: entry.createdAt.toISOString(),
    },
    created_at: scope.now(),
  };
}
