import type { BalanceView, PastBalanceView, PostInput, TransactionView } from '@org/core';

import type { Answer } from '../http/command.ts';
import type { CursorMeta } from './paging.ts';
import { parseTime } from './times.ts';
import { asJson } from './users.wire.ts';
import type { Id, JsonRecord, Time } from '../http/wire.ts';

/**
 * A kind of credits. A user has one account for each; `credit` unless told.
 * @pattern ^[a-z][a-z0-9_]{0,31}$ must be 1 to 32 lower-case letters, digits and underscores, the first a letter
 * @example "credit"
 */
export type Unit = string;

/** What can be posted: `purchase`, `grant` and `refund` add, `spend` and `clawback` take, `adjustment` does either. */
type PostableType = 'purchase' | 'grant' | 'spend' | 'adjustment' | 'refund' | 'clawback';

/** What can stand in a ledger. */
export type TransactionType =
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
  unit: Unit;
  /**
   * The sum of all transactions.
   * @isLong
   */
  balance: number;
  /**
   * Set aside by holds that are neither captured nor released.
   * @isLong
   */
  held: number;
  /**
   * What may be spent: balance less held and less the floor. Negative after a clawback of what was spent.
   * @isLong
   */
  available: number;
  /**
   * The least that the balance less held may be: 0, or a credit limit below it.
   * @isLong
   */
  floor: number;
  /** The most that the balance may be; null for as much as a number holds. */
  ceiling: number | null;
  /** What expires next unless it is spent before; null when nothing does. */
  expires_next: ExpiringCredits | null;
}

interface ExpiringCredits {
  /** @isLong */
  amount: number;
  at: Time;
}

/** A balance at a past time, with everything that was posted up to and at that millisecond. */
export interface PastBalance {
  user_id: Id;
  unit: Unit;
  at: Time;
  /** @isLong */
  balance: number;
  /** @isLong */
  held: number;
}

/** Which balance to read. */
export interface BalanceQuery {
  unit?: Unit;
  /** A past time: the balance as it was then. */
  at?: Time;
}

/** A change of a balance. It is never changed itself. */
export interface Transaction {
  id: Id;
  user_id: Id;
  unit: Unit;
  type: TransactionType;
  /**
   * Signed: negative takes away.
   * @isLong
   */
  amount: number;
  /** @isLong */
  balance_after: number;
  /**
   * The signed change of what is set aside.
   * @isLong
   */
  held_change: number;
  /** @isLong */
  held_after: number;
  description: string | null;
  reference: string | null;
  /** What a refund gives back, or a clawback takes back. */
  refund_of: Id | null;
  /** The hold that was placed, captured or released, or that expired. */
  hold_id: Id | null;
  /** When the hold ends by itself, or the credits that came in expire. */
  expires_at: Time | null;
  /** The user at the other end of a transfer. */
  counterparty_id: Id | null;
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
  unit?: Unit;
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

/** A transaction to post. A field that does not go with its type is refused. */
export interface NewTransaction {
  type: PostableType;
  unit?: Unit;
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
  /** The spend or capture that a refund gives back; the purchase that a clawback takes back. */
  refund_of?: Id;
  /** For a clawback: whether it may leave the balance below its floor. Needs the permission `credits:overdraw` too. */
  allow_negative?: boolean;
  /** For a purchase, a grant or an adjustment upwards: from this moment on the credits are gone. */
  expires_at?: Time;
  /**
   * For a purchase, a grant or an adjustment upwards: credits of the smallest are burnt first; 50 unless told.
   * @isInt must be a whole number
   * @minimum 0
   * @maximum 100
   */
  priority?: number;
  /** At most 4 kB of JSON. */
  metadata?: JsonRecord;
}

/** How low and how high a balance may go. What is left out stays. */
export interface NewLimits {
  unit?: Unit;
  /**
   * The least that the balance less held may be: 0, or a credit limit below it.
   * @isLong must be a whole number
   * @minimum -9007199254740991
   * @maximum 0
   */
  floor?: number;
  /** The most that the balance may be, a whole number from 0 on; null for no ceiling. */
  ceiling?: number | null;
}

export function parseTransaction(userId: string, body: NewTransaction): PostInput {
  const { type, unit, amount, description, reference, priority } = body;
  return {
    userId,
    type,
    unit,
    amount,
    description,
    reference,
    priority,
    refundOf: body.refund_of,
    allowNegative: body.allow_negative,
    expiresAt: parseTime('expires_at', body.expires_at),
    metadata: asJson(body.metadata),
  };
}

export function presentBalance(view: BalanceView): Balance {
  const { userId, unit, balance, held, available, floor, ceiling, expiresNext } = view;
  const next = expiresNext && { amount: expiresNext.amount, at: expiresNext.at.toISOString() };
  return { user_id: userId, unit, balance, held, available, floor, ceiling, expires_next: next };
}

export function presentPastBalance({ userId, unit, at, balance, held }: PastBalanceView): PastBalance {
  return { user_id: userId, unit, at: at.toISOString(), balance, held };
}

export function presentTransaction(transaction: TransactionView): Transaction {
  return {
    id: transaction.id,
    user_id: transaction.userId,
    unit: transaction.unit,
    type: transaction.type,
    amount: transaction.amount,
    balance_after: transaction.balanceAfter,
    held_change: transaction.heldChange,
    held_after: transaction.heldAfter,
    description: transaction.description,
    reference: transaction.reference,
    refund_of: transaction.refundOf,
    hold_id: transaction.holdId,
    expires_at: transaction.expiresAt?.toISOString() ?? null,
    counterparty_id: transaction.counterpartyId,
    metadata: transaction.metadata,
    actor: transaction.actor,
    created_at: transaction.createdAt.toISOString(),
  };
}

/** A posting made: its transaction, and where that can be read again. */
export const transactionMade: Answer<TransactionView, Transaction> = {
  status: 201,
  present: presentTransaction,
  location: ({ id, userId }) => `/api/users/${userId}/credits/transactions/${id}`,
};

export const exampleBalance: Balance = {
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  balance: 70,
  held: 0,
  available: 70,
  floor: 0,
  ceiling: null,
  expires_next: { amount: 20, at: '2026-02-15T12:00:00.000Z' },
};

export const examplePastBalance: PastBalance = {
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  at: '2026-01-01T00:00:00.000Z',
  balance: 100,
  held: 0,
};

export const exampleTransaction: Transaction = {
  id: '0198c9a2-7a10-7b55-9d0e-64d1c2b7e0aa',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  type: 'spend',
  amount: -30,
  balance_after: 70,
  held_change: 0,
  held_after: 0,
  description: 'Practice room, two hours',
  reference: 'booking-1042',
  refund_of: null,
  hold_id: null,
  expires_at: null,
  counterparty_id: null,
  metadata: { room: 'B12' },
  actor: 'user:0198c9a2-5a00-7000-8000-1d2c3b4a5968',
  created_at: '2026-01-15T12:00:00.000Z',
};
