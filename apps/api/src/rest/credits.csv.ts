import type { Core, HistoryFilter, Statement } from '@org/core';

import type { Table } from '../http/csv.ts';
import { presentTransaction, type Transaction } from './credits.wire.ts';

const COLUMNS = [
  'id',
  'created_at',
  'type',
  'unit',
  'amount',
  'balance_after',
  'held_change',
  'held_after',
  'description',
  'reference',
  'refund_of',
  'hold_id',
  'expires_at',
  'counterparty_id',
  'actor',
  'metadata',
] as const satisfies readonly (keyof Transaction)[];

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

const STRETCH = 100;

/** All transactions from the newest on, read stretch by stretch. */
export function transactionTable(core: Core, filter: HistoryFilter): Table {
  return { name: 'transactions', columns: COLUMNS, rows: transactionRows(core, filter) };
}

async function* transactionRows(core: Core, filter: HistoryFilter) {
  for (let cursor = filter.cursor; ;) {
    const { data, nextCursor } = await core.credits.transactions({ ...filter, cursor, limit: STRETCH });
    for (const transaction of data) yield cellsOf(rowOf(presentTransaction(transaction)));
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}

/** The opening balance, every transaction from the oldest on, and the closing balance. */
export function statementTable(statement: Statement): Table {
  return { name: 'statement', columns: COLUMNS, rows: statementRows(statement) };
}

async function* statementRows(statement: Statement) {
  const { unit, from, to, opening, closing } = statement;
  yield cellsOf(standing('opening', from, opening));
  for await (const entry of statement.entries()) yield cellsOf(rowOf(presentTransaction(entry)));
  yield cellsOf(standing('closing', to, closing));

  function standing(type: string, at: Date, { balance, held }: { balance: number; held: number }): Row {
    return { type, unit, created_at: at.toISOString(), balance_after: balance, held_after: held };
  }
}

function rowOf(transaction: Transaction): Row {
  return { ...transaction, metadata: transaction.metadata && JSON.stringify(transaction.metadata) };
}

function cellsOf(row: Row): (string | number | null)[] {
  return COLUMNS.map((column) => row[column] ?? null);
}
