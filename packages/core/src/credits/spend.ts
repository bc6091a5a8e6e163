import type { Scope } from '../scope.ts';
import type { PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export type SpendInput = PostingInput;

/**
 * Takes credits for something used: all of the amount or nothing. `amount` is positive; the transaction shows it negative.
 *
 * @throws InsufficientCredits with what is available
 * @throws InvalidInput, UserMissing, AccountFrozen, KeyReused
 */
export async function spend(scope: Scope, input: SpendInput): Promise<TransactionView> {
  return post(scope, { ...input, type: 'spend' });
}
