import type { Scope } from '../scope.ts';
import type { LotInput, PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export type PurchaseInput = PostingInput & LotInput;

/**
 * Adds credits that were bought.
 *
 * @throws LotExpired when `expiresAt` is past
 * @throws InvalidInput, UserMissing, AccountFrozen (closed accounts only), BalanceOutOfRange, KeyReused
 */
export async function purchase(scope: Scope, input: PurchaseInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'purchase' });
}
