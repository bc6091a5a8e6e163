import type { Scope } from '../scope.ts';
import type { PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export type RefundInput = PostingInput & { refundOf: string };

/**
 * Gives back a spend of this user, in one or many parts that never exceed it together. Also to a user who is no longer
 * active.
 *
 * @throws NotRefundable when `refundOf` is not a spend of this user
 * @throws RefundExceeds with what is left to refund
 * @throws InvalidInput, UserMissing, AccountFrozen (closed accounts only), BalanceOutOfRange, KeyReused
 */
export async function refund(scope: Scope, input: RefundInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'refund' });
}
