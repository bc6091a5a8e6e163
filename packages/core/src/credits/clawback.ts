import type { Scope } from '../scope.ts';
import type { PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export interface ClawbackInput extends PostingInput {
  /** The purchase that is taken back. */
  refundOf: string;
  /** Whether to take credits that are spent already, which leaves the account below its floor until it is paid. */
  allowNegative?: boolean | undefined;
}

/**
 * Takes back what was bought because its payment was, in one or many parts that never exceed the purchase together: from
 * the purchase's own credits first, then in burn order. What comes in later pays the debt first.
 *
 * @throws NotRefundable when `refundOf` is not a purchase of this user
 * @throws RefundExceeds with what is left of it
 * @throws InsufficientCredits unless `allowNegative`
 * @throws InvalidInput, UserMissing, AccountFrozen (closed accounts only), BalanceOutOfRange, KeyReused
 */
export async function clawback(scope: Scope, input: ClawbackInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'clawback' });
}
