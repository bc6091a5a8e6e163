import type { Scope } from '../scope.ts';
import { parseOperation, type PostInput } from './operation.ts';
import type { TransactionView } from './views.ts';

/**
 * Posts one transaction of any type to a user's credit account, which is opened when there is none. With an idempotency
 * key, the same request again gives what it gave before, a refusal included, also when both come at once.
 *
 * @throws InvalidInput naming every field at fault
 * @throws UserMissing
 * @throws InsufficientCredits when a spend or a negative adjustment exceeds what is available
 * @throws AccountFrozen when the user is not active (spends), or the account is closed
 * @throws NotRefundable when `refundOf` is not a spend of this user
 * @throws RefundExceeds when less than that is left of the spend
 * @throws BalanceOutOfRange
 * @throws KeyReused when the key came with another request before
 * @throws Overloaded, LedgerClosing, OutcomeUnknown, DatabaseUnavailable
 */
export async function post(scope: Scope, input: PostInput): Promise<TransactionView> {
  return scope.postings.submit(parseOperation(scope, input));
}
