import { amongRows } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import type { Refundable } from './apply.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import type { Operation } from './operation.ts';
import { wholeNumber } from './whole-number.ts';

/** What earlier postings say about a batch. Read after the accounts are locked: before, it might change until then. */
export interface Earlier {
  /** Spends that may be refunded, by transaction. */
  readonly refundables: Map<string, Refundable>;
  /** Entries by client and idempotency key. */
  readonly keyed: Map<string, Entry>;
}

/** Asks only when an operation carries a key or gives something back. */
export async function readEarlier(scope: Scope, tx: Tx, operations: readonly Operation[]): Promise<Earlier> {
  return { keyed: await readKeyed(scope, tx, operations), refundables: await readRefundables(scope, tx, operations) };
}

/** A client's key as the name of one operation. */
export function keyOf(clientId: string, idemKey: string): string {
  return JSON.stringify([clientId, idemKey]);
}

async function readKeyed(scope: Scope, tx: Tx, operations: readonly Operation[]): Promise<Map<string, Entry>> {
  const keys = operations.flatMap(({ idemKey, context }) =>
    idemKey === null ? [] : [{ client_id: context.clientId, idem_key: idemKey }],
  );
  if (keys.length === 0) return new Map();
  const { dialect } = scope.database;
  const known = amongRows(dialect, { client_id: 'text', idem_key: 'text' }, keys);
  const rows = await scope.database.in(tx)<EntryRow>(
    `select * from credit_entry where ${known.sql} and leg = 0`,
    known.params,
  );
  return new Map(rows.map((row) => [keyOf(row.client_id as string, row.idem_key as string), entryOf(row, dialect)]));
}

async function readRefundables(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
): Promise<Map<string, Refundable>> {
  const origins = operations.flatMap(({ originTxId }) => (originTxId === null ? [] : [{ tx_id: originTxId }]));
  if (origins.length === 0) return new Map();
  const named = amongRows(scope.database.dialect, { tx_id: 'uuid' }, origins);
  const rows = await scope.database.in(tx)<{ tx_id: string; account_id: string; amount: unknown; refunded: unknown }>(
    `select tx_id, account_id, amount, refunded from credit_refundable where ${named.sql}`,
    named.params,
  );
  return new Map(
    rows.map((row) => [
      row.tx_id,
      {
        txId: row.tx_id,
        accountId: row.account_id,
        amount: wholeNumber(row.amount),
        refunded: wholeNumber(row.refunded),
      },
    ]),
  );
}
