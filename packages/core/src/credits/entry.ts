import type { Columns, Dialect, RowOf } from '../database/index.ts';
import { fromJson, type JsonObject } from '../kernel/json.ts';
import type { EntryKind, LotChange } from './entities.ts';
import { wholeNumber } from './whole-number.ts';

/** One posting as it stands in the ledger. Amounts are signed changes, in credits. */
export interface Entry {
  readonly accountId: string;
  /** 1, 2, 3 … in its account. */
  readonly seq: number;
  readonly txId: string;
  readonly leg: number;
  readonly contraId: string;
  readonly kind: EntryKind;
  readonly amount: number;
  readonly heldDelta: number;
  readonly balanceAfter: number;
  readonly heldAfter: number;
  readonly originTxId: string | null;
  readonly clientId: string;
  readonly idemKey: string | null;
  readonly requestHash: Buffer | null;
  readonly actor: string;
  readonly reference: string | null;
  readonly description: string | null;
  readonly correlationId: string | null;
  /** Whose session asked for it, and from which address: for the audit, and no part of the hash. */
  readonly sessionId: string | null;
  readonly address: string | null;
  readonly metadata: JsonObject | null;
  readonly createdAt: Date;
  readonly prevHash: Buffer;
  readonly hash: Buffer;
  /** When a hold ends by itself. */
  readonly expiresAt: Date | null;
  /** The user at the other end of a transfer. */
  readonly counterpartyId: string | null;
  readonly lots: readonly LotChange[];
}

export const ENTRY_COLUMNS = {
  account_id: 'uuid',
  seq: 'integer',
  tx_id: 'uuid',
  leg: 'integer',
  contra_id: 'uuid',
  kind: 'text',
  amount: 'integer',
  held_delta: 'integer',
  balance_after: 'integer',
  held_after: 'integer',
  origin_tx_id: 'uuid',
  client_id: 'text',
  idem_key: 'text',
  request_hash: 'bytes',
  actor: 'text',
  reference: 'text',
  description: 'text',
  correlation_id: 'text',
  session_id: 'uuid',
  address: 'text',
  metadata: 'json',
  created_at: 'time',
  prev_hash: 'bytes',
  hash: 'bytes',
  expires_at: 'time',
  counterparty_id: 'uuid',
  lots: 'json',
} as const satisfies Columns;

/** A row as a driver gives it: integers perhaps as text, times and JSON in the database's own form. */
export type EntryRow = Record<keyof typeof ENTRY_COLUMNS, unknown>;

/** An entry by its columns; `hash` is null while it is being worked out. */
export function rowOf(entry: Omit<Entry, 'hash'> & { readonly hash?: Buffer }): RowOf<typeof ENTRY_COLUMNS> {
  return {
    account_id: entry.accountId,
    seq: entry.seq,
    tx_id: entry.txId,
    leg: entry.leg,
    contra_id: entry.contraId,
    kind: entry.kind,
    amount: entry.amount,
    held_delta: entry.heldDelta,
    balance_after: entry.balanceAfter,
    held_after: entry.heldAfter,
    origin_tx_id: entry.originTxId,
    client_id: entry.clientId,
    idem_key: entry.idemKey,
    request_hash: entry.requestHash,
    actor: entry.actor,
    reference: entry.reference,
    description: entry.description,
    correlation_id: entry.correlationId,
    session_id: entry.sessionId,
    address: entry.address,
    metadata: entry.metadata,
    created_at: entry.createdAt,
    prev_hash: entry.prevHash,
    hash: entry.hash ?? null,
    expires_at: entry.expiresAt,
    counterparty_id: entry.counterpartyId,
    lots: entry.lots.length === 0 ? null : entry.lots,
  };
}

export function entryOf(row: EntryRow, dialect: Dialect): Entry {
  return {
    accountId: row.account_id as string,
    seq: wholeNumber(row.seq),
    txId: row.tx_id as string,
    leg: wholeNumber(row.leg),
    contraId: row.contra_id as string,
    kind: row.kind as EntryKind,
    amount: wholeNumber(row.amount),
    heldDelta: wholeNumber(row.held_delta),
    balanceAfter: wholeNumber(row.balance_after),
    heldAfter: wholeNumber(row.held_after),
    originTxId: row.origin_tx_id as string | null,
    clientId: row.client_id as string,
    idemKey: row.idem_key as string | null,
    requestHash: row.request_hash as Buffer | null,
    actor: row.actor as string,
    reference: row.reference as string | null,
    description: row.description as string | null,
    correlationId: row.correlation_id as string | null,
    sessionId: row.session_id as string | null,
    address: row.address as string | null,
    metadata: fromJson<JsonObject | null>(row.metadata),
    createdAt: dialect.fromTime(row.created_at),
    prevHash: row.prev_hash as Buffer,
    hash: row.hash as Buffer,
    expiresAt: row.expires_at === null ? null : dialect.fromTime(row.expires_at),
    counterpartyId: row.counterparty_id as string | null,
    lots: fromJson<readonly LotChange[] | null>(row.lots) ?? [],
  };
}
