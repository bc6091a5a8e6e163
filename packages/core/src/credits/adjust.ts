import type { Scope } from '../scope.ts';
import type { LotInput, PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export type AdjustInput = PostingInput & LotInput & { description: string };

/**
 * Corrects a balance by a signed amount. It must be described, and cannot take more than is available.
 *
 * @throws InvalidInput, UserMissing, AccountFrozen (closed accounts only), InsufficientCredits, BalanceOutOfRange, KeyReused
 */
export async function adjust(scope: Scope, input: AdjustInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'adjustment' });
}
