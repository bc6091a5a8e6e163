import type { Scope } from '../scope.ts';
import type { LotInput, PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export type GrantInput = PostingInput & LotInput;

/**
 * Adds promotional credits. They are burnt before paid ones of the same priority and expiry.
 *
 * @throws LotExpired when `expiresAt` is past
 * @throws InvalidInput, UserMissing, AccountFrozen (closed accounts only), BalanceOutOfRange, KeyReused
 */
export async function grant(scope: Scope, input: GrantInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'grant' });
}
