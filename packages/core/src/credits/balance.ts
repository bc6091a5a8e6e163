import { checkId, requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { availableOf } from './apply.ts';
import { wholeNumber } from './whole-number.ts';

/** All in credits. */
export interface BalanceView {
  userId: string;
  balance: number;
  /** Set aside for spends that are not captured yet. */
  held: number;
  /** What can be spent now. */
  available: number;
}

/**
 * A user's credits as of the newest commit; zero before the first posting.
 *
 * @throws InvalidInput when the id is no UUID
 * @throws UserMissing
 */
export async function readBalance(scope: Scope, { userId }: { userId: string }): Promise<BalanceView> {
  requireValid(checkId('userId', userId));
  const [row] = await scope.database.read<{ balance: unknown; held: unknown; floor: unknown }>(
    `select coalesce(a.balance, 0) as balance, coalesce(a.held, 0) as held, coalesce(a.floor, 0) as floor
     from users u left join credit_account a on a.owner_id = u.id and a.unit = 'credit' where u.id = ?`,
    [userId],
  );
  if (row === undefined) throw new UserMissing(userId);
  const standing = { balance: wholeNumber(row.balance), held: wholeNumber(row.held), floor: wholeNumber(row.floor) };
  return { userId, balance: standing.balance, held: standing.held, available: availableOf(standing) };
}
