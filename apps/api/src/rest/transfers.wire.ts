import type { PostInput } from '@org/core';

import type { Transaction, Unit } from './credits.wire.ts';
import type { Id } from '../http/wire.ts';

/** Credits to move to another user. */
export interface NewTransfer {
  /** Who receives them. */
  to: Id;
  /**
   * Whole credits, above zero.
   * @isLong must be a whole number
   * @minimum 1
   * @maximum 9007199254740991
   */
  amount: number;
  unit?: Unit;
  /** @maxLength 500 */
  description?: string;
  /**
   * Your own name for it, such as an order number.
   * @maxLength 200
   */
  reference?: string;
}

export function parseTransfer(userId: string, { to, ...body }: NewTransfer): PostInput {
  return { ...body, userId, type: 'transfer', toUserId: to };
}

export const exampleTransfer: Transaction = {
  id: '0198c9a2-7a10-7b55-9d0e-64d1c2b7e0aa',
  user_id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  unit: 'credit',
  type: 'transfer_out',
  amount: -30,
  balance_after: 70,
  held_change: 0,
  held_after: 0,
  description: 'Share of the room',
  reference: 'booking-1042',
  refund_of: null,
  hold_id: null,
  expires_at: null,
  counterparty_id: '0198c9a2-6f10-7aa2-b6d4-3c9e7f1a2b33',
  metadata: null,
  actor: 'service:rooms',
  created_at: '2026-01-15T12:00:00.000Z',
};
