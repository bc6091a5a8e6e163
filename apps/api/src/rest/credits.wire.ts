import type { TransactionView } from '@org/core';

import type { CursorMeta } from './paging.ts';
import type { Id, JsonRecord, Time } from '../http/wire.ts';

/** What can be posted: `purchase`, `grant` and `refund` add, `spend` and `clawback` take, `adjustment` does either. */
type PostableType = 'purchase' | 'grant' | 'spend' | 'adjustment' | 'refund' | 'clawback';

/** What can stand in a ledger. */
type TransactionType =
  | 'purchase'
  | 'grant'
  | 'spend'
  | 'adjustment'
  | 'refund'
  | 'clawback'
  | 'hold'
  | 'capture'
  | 'release'
  | 'hold_expiry'
  | 'expiry'
  | 'transfer_out'
  | 'transfer_in';

/** A balance in whole credits. */
export interface Balance {
  user_id: Id;
  /**
   * The sum of all transactions.
   * @isLong
   */
  balance: number;
  /**
   * Reserved for what has not been settled.
   * @isLong
   */
  held: number;
  /**
   * What may be spent: balance less held.
   * @isLong
   */
  available: number;
}

/** A change of a balance. It is never changed itself. */
export interface Transaction {
  id: Id;
  user_id: Id;
  type: TransactionType;
  /**
   * Signed: negative takes away.
   * @isLong
   */
  amount: number;
  /** @isLong */
  balance_after: number;
  description: string | null;
  reference: string | null;
  /** For a refund: the spend that it gives back. */
  refund_of: Id | null;
  metadata: JsonRecord | null;
  /** Who posted it: `user:<id>`, `service:<client id>`, `script` or `system`. */
  actor: string;
  created_at: Time;
}

/** One stretch of a ledger, newest first. */
export interface TransactionList {
  data: Transaction[];
  meta: CursorMeta;
}

/** Which transactions to list. */
export interface TransactionQuery {
  type?: TransactionType;
  /** Inclusive. */
  from?: Time;
  /** Exclusive. */
  to?: Time;
  /**
   * The `next_cursor` of the stretch before.
   * @maxLength 200
   */
  cursor?: string;
  /**
   * @isInt
   * @minimum 1
   * @maximum 100
   */
  limit?: number;
}

/** A transaction to post. */
export interface NewTransaction {
  type: PostableType;
  /**
   * Whole credits, above zero. An adjustment is signed: negative takes away.
   * @isLong must be a whole number
   * @minimum -9007199254740991
   * @maximum 9007199254740991
   */
  amount: number;
  /**
   * Required for an adjustment.
   * @maxLength 500
   */
  description?: string;
  /**
   * Your own name for it, such as an order number.
   * @maxLength 200
   */
  reference?: string;
  /** For a refund: the spend that it gives back. */
  refund_of?: Id;
  /** At most 4 kB of JSON. */
  metadata?: JsonRecord;
}

export function presentBalance({
  userId,
  balance,
  held,
  available,
}: {
  userId: string;
  balance: number;
  held: number;
  available: number;
}): Balance {
  return { user_id: userId, balance, held, available };
}

export function presentTransaction(transaction: TransactionView): Transaction {
  return {
    id: transaction.id,
    user_id: transaction.userId,
    type: transaction.type,
    amount: transaction.amount,
    balance_after: transaction.balanceAfter,
    description: transaction.description,
    reference: transaction.reference,
    refund_of: transaction.refundOf,
    metadata: transaction.metadata,
    actor: transaction.actor,
    created_at: transaction.createdAt.toISOString(),
  };
}

export const exampleBalance: Balance = {
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  balance: 70,
  held: 0,
  available: 70,
};

export const exampleTransaction: Transaction = {
  id: '0198c9a2-7a10-7b55-9d0e-64d1c2b7e0aa',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  type: 'spend',
  amount: -30,
  balance_after: 70,
  description: 'Practice room, two hours',
  reference: 'booking-1042',
  refund_of: null,
  metadata: { room: 'B12' },
  actor: 'user:0198c9a2-5a00-7000-8000-1d2c3b4a5968',
  created_at: '2026-01-15T12:00:00.000Z',
};
