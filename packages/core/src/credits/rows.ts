import type { Dialect } from '../database/index.ts';
import type { Hold } from './apply/standing.ts';
import type { Lot } from './lots.ts';
import { wholeNumber } from './whole-number.ts';

/** `burnOrder` in SQL, as `credit_lot_burn_index` has it. */
export const BURN_ORDER = 'l.priority, l.expires_at, l.paid, l.created_at, l.id';

/** A row as a driver gives it: integers perhaps as text, times and booleans in the database's own form. */
export interface LotRow {
  id: string;
  account_id: string;
  tx_id: string;
  paid: boolean | number;
  priority: unknown;
  remaining: unknown;
  expires_at: unknown;
  created_at: unknown;
}

export function lotOf(row: LotRow, { fromTime }: Dialect): Lot & { readonly accountId: string } {
  return {
    id: row.id,
    accountId: row.account_id,
    txId: row.tx_id,
    category: row.paid ? 'paid' : 'promo',
    priority: wholeNumber(row.priority),
    remaining: wholeNumber(row.remaining),
    expiresAt: fromTime(row.expires_at),
    createdAt: fromTime(row.created_at),
  };
}

export interface HoldRow {
  id: string;
  account_id: string;
  amount: unknown;
  captured: unknown;
  released: unknown;
  expires_at: unknown;
}

export function holdOf(row: HoldRow, { fromTime }: Dialect): Hold {
  return {
    id: row.id,
    accountId: row.account_id,
    amount: wholeNumber(row.amount),
    captured: wholeNumber(row.captured),
    released: wholeNumber(row.released),
    expiresAt: fromTime(row.expires_at),
  };
}
