import type { Statement as StatementView, TransactionView } from '@org/core';

import {
  exampleTransaction,
  presentTransaction,
  type Transaction,
  type TransactionType,
  type Unit,
} from './credits.wire.ts';
import type { Id, Time } from '../http/wire.ts';

/** What an account held at a moment. */
interface Standing {
  /** @isLong */
  balance: number;
  /** @isLong */
  held: number;
}

/** All transactions of one type together. */
interface StatementTotal {
  type: TransactionType;
  /** @isInt */
  count: number;
  /** @isLong */
  amount: number;
}

/** The first transactions of a statement, oldest first. */
interface StatementEntries {
  data: Transaction[];
  /** Whether there are more: `Accept: text/csv` gives all of them. */
  has_more: boolean;
}

/** What happened on an account between two times: opening balance and all totals together make the closing balance. */
export interface Statement {
  user_id: Id;
  unit: Unit;
  from: Time;
  to: Time;
  opening: Standing;
  totals: StatementTotal[];
  closing: Standing;
  entries: StatementEntries;
}

/** Which statement. */
export interface StatementQuery {
  /** Inclusive. */
  from: Time;
  /** Exclusive. */
  to: Time;
  unit?: Unit;
  /**
   * How many transactions to show at most; 100 unless told.
   * @isInt
   * @minimum 1
   * @maximum 100
   */
  limit?: number;
}

export function presentStatement(
  { userId, unit, from, to, opening, totals, closing }: StatementView,
  { data, hasMore }: { data: TransactionView[]; hasMore: boolean },
): Statement {
  return {
    user_id: userId,
    unit,
    from: from.toISOString(),
    to: to.toISOString(),
    opening,
    totals,
    closing,
    entries: { data: data.map(presentTransaction), has_more: hasMore },
  };
}

export const exampleStatement: Statement = {
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-02-01T00:00:00.000Z',
  opening: { balance: 100, held: 0 },
  totals: [{ type: 'spend', count: 1, amount: -30 }],
  closing: { balance: 70, held: 0 },
  entries: { data: [exampleTransaction], has_more: false },
};

export const exampleReceipt =
  'eyJhbGciOiJSUzI1NiIsInR5cCI6InJlY2VpcHQrand0Iiwia2lkIjoiLi4uIn0.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl';
