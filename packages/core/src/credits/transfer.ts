import type { Scope } from '../scope.ts';
import type { PostingInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

export interface TransferInput extends Omit<PostingInput, 'userId'> {
  fromUserId: string;
  toUserId: string;
}

/**
 * Moves credits between two users, in the same unit: both see it as one transaction, or it did not happen. They keep
 * their priority and expiry. Gives the sender's side.
 *
 * @throws SameAccount
 * @throws InsufficientCredits with what the sender has available
 * @throws InvalidInput, UserMissing, AccountFrozen, BalanceOutOfRange (of the receiver), KeyReused
 */
export async function transfer(scope: Scope, { fromUserId, ...input }: TransferInput): Promise<TransactionView> {
  return post(scope, { ...input, userId: fromUserId, type: 'transfer' });
}
