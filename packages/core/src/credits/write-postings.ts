import { insertRows, isUniqueViolation, writeTogether, type Columns, type RowOf } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { ENTRY_COLUMNS, rowOf, type Entry } from './entry.ts';
import type { Operation } from './operation.ts';

/** An entry to be written, and the operation that it settles. */
export interface Posted {
  readonly entry: Entry;
  readonly operation: Operation;
}

/**
 * Writes entries with an audit row and an event for each, whatever their number as one INSERT for each table. The
 * triggers on `credit_entry` move the heads and what is left to refund, or refuse everything.
 */
export async function writePostings(scope: Scope, tx: Tx, posted: readonly Posted[]): Promise<void> {
  if (posted.length === 0) return;
  const { dialect } = scope.database;
  try {
    await writeTogether(dialect, scope.database.in(tx), [
      insertRows(
        dialect,
        'credit_entry',
        ENTRY_COLUMNS,
        posted.map(({ entry }) => ({ ...rowOf(entry), hash: entry.hash })),
      ),
      insertRows(
        dialect,
        'audit_entry',
        AUDIT_COLUMNS,
        posted.map((each) => auditRowOf(scope, each)),
      ),
      insertRows(
        dialect,
        'outbox_event',
        EVENT_COLUMNS,
        posted.map((each) => eventRowOf(scope, each)),
      ),
    ]);
  } catch (error) {
    throw lostRace(error) ? new LostRace(error) : error;
  }
}

/** Another writer was first, at this place of the account or with this key. Run again, the batch sees what that one wrote. */
class LostRace extends Error {
  /** PostgreSQL's serialization_failure, which `transact` answers with another attempt. */
  readonly code = '40001';

  constructor(cause: unknown) {
    super('another posting was first', { cause });
  }
}

/** On SQLite there is one writer at a time, so nobody can be first. */
function lostRace(error: unknown): boolean {
  return isUniqueViolation(error, 'credit_entry_pkey') || isUniqueViolation(error, 'credit_entry_key_unique');
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

function auditRowOf(scope: Scope, { entry, operation: { userId, context } }: Posted): RowOf<typeof AUDIT_COLUMNS> {
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
    details: { id: entry.txId, type: entry.kind, amount: entry.amount, balance_after: entry.balanceAfter },
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

function eventRowOf(scope: Scope, { entry, operation: { userId } }: Posted): RowOf<typeof EVENT_COLUMNS> {
  return {
    id: scope.newId(),
    type: 'credits.posted',
    order_key: `credit_account:${entry.accountId}`,
    order_seq: entry.seq,
    payload: {
      id: entry.txId,
      user_id: userId,
      type: entry.kind,
      amount: entry.amount,
      balance_after: entry.balanceAfter,
      description: entry.description,
      reference: entry.reference,
      refund_of: entry.originTxId,
      metadata: entry.metadata,
      actor: entry.actor,
      created_at: entry.createdAt.toISOString(),
    },
    created_at: scope.now(),
  };
}
