import { placedHold, type HoldView, type PostInput, type TransactionView } from '@org/core';

import type { Answer } from '../http/command.ts';
import type { Transaction, Unit } from './credits.wire.ts';
import type { Id, Time } from '../http/wire.ts';

/** Credits set aside for a spend to come. */
export interface Hold {
  id: Id;
  user_id: Id;
  unit: Unit;
  /** @isLong */
  amount: number;
  /**
   * How much of it has been spent.
   * @isLong
   */
  captured: number;
  /**
   * How much of it was let go: by a release, by the final capture, or because it expired.
   * @isLong
   */
  released: number;
  /**
   * How much is still held.
   * @isLong
   */
  held: number;
  status: 'open' | 'closed';
  expires_at: Time;
  description: string | null;
  reference: string | null;
  created_at: Time;
}

/** Credits to hold. */
export interface NewHold {
  /**
   * Whole credits, above zero.
   * @isLong must be a whole number
   * @minimum 1
   * @maximum 9007199254740991
   */
  amount: number;
  unit?: Unit;
  /**
   * 1 second to 30 days; 7 days unless told.
   * @isInt must be a whole number
   * @minimum 1
   * @maximum 2592000
   */
  expires_in_seconds?: number;
  /** @maxLength 500 */
  description?: string;
  /**
   * Your own name for it, such as an order number.
   * @maxLength 200
   */
  reference?: string;
}

/** How much of a hold to spend. */
export interface NewCapture {
  /**
   * All that is held unless told.
   * @isLong must be a whole number
   * @minimum 1
   * @maximum 9007199254740991
   */
  amount?: number;
  /** Whether it is the last capture, so that the rest is let go. */
  final?: boolean;
  /** @maxLength 500 */
  description?: string;
  /** @maxLength 200 */
  reference?: string;
}

export function parseHold(userId: string, { expires_in_seconds: expiresInSeconds, ...body }: NewHold): PostInput {
  return { ...body, userId, type: 'hold', expiresInSeconds };
}

export function presentHold(hold: HoldView): Hold {
  return {
    id: hold.id,
    user_id: hold.userId,
    unit: hold.unit,
    amount: hold.amount,
    captured: hold.captured,
    released: hold.released,
    held: hold.held,
    status: hold.status,
    expires_at: hold.expiresAt.toISOString(),
    description: hold.description,
    reference: hold.reference,
    created_at: hold.createdAt.toISOString(),
  };
}

/** The ledger stores the answer with the transaction that places the hold, so it is written from that. */
export const holdMade: Answer<TransactionView, Hold> = {
  status: 201,
  present: (transaction) => presentHold(placedHold(transaction)),
  location: ({ id }) => `/api/credits/holds/${id}`,
};

export const exampleHold: Hold = {
  id: '0198c9a2-7b20-7d31-8a4e-91b2c3d4e5f6',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  amount: 60,
  captured: 0,
  released: 0,
  held: 60,
  status: 'open',
  expires_at: '2026-01-15T13:00:00.000Z',
  description: 'Practice room, two hours',
  reference: 'booking-1042',
  created_at: '2026-01-15T12:00:00.000Z',
};

export const exampleCapture: Transaction = {
  id: '0198c9a2-7a10-7b55-9d0e-64d1c2b7e0aa',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  type: 'capture',
  amount: -30,
  balance_after: 70,
  held_change: -30,
  held_after: 30,
  description: null,
  reference: 'booking-1042',
  refund_of: null,
  hold_id: '0198c9a2-7b20-7d31-8a4e-91b2c3d4e5f6',
  expires_at: null,
  counterparty_id: null,
  metadata: null,
  actor: 'service:rooms',
  created_at: '2026-01-15T12:00:00.000Z',
};

export const exampleRelease: Transaction = {
  id: '0198c9a2-7a10-7b55-9d0e-64d1c2b7e0aa',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  type: 'release',
  amount: 0,
  balance_after: 100,
  held_change: -60,
  held_after: 0,
  description: null,
  reference: 'booking-1042',
  refund_of: null,
  hold_id: '0198c9a2-7b20-7d31-8a4e-91b2c3d4e5f6',
  expires_at: null,
  counterparty_id: null,
  metadata: null,
  actor: 'service:rooms',
  created_at: '2026-01-15T12:00:00.000Z',
};
