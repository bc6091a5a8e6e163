import { recordAct } from '../audit/index.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { lockHeads, ownerKey } from './accounts.ts';
import { readBalance, type BalanceView } from './balance.ts';
import { LimitInvalid } from './errors.ts';
import { UNIT_DEFAULT, unitProblem } from './operation.ts';
import { AMOUNT_MAX } from './whole-number.ts';

export interface LimitsInput {
  userId: string;
  unit?: string | undefined;
  /** The least that the balance without what is held may be: from -(2^53 - 1), a credit limit, to 0. Left out, it stays. */
  floor?: number | undefined;
  /** The most that the balance may be: from 0 to 2^53 - 1; null for no ceiling. Left out, it stays. */
  ceiling?: number | null | undefined;
}

/**
 * Sets how low and how high an account may go; it is opened when there is none. The audit says who did it.
 *
 * @throws InvalidInput naming every field at fault
 * @throws UserMissing
 * @throws LimitInvalid when the account stands outside already
 */
export async function setLimits(scope: Scope, input: LimitsInput): Promise<BalanceView> {
  const { userId, unit = UNIT_DEFAULT } = input;
  requireValid(
    checkId('userId', userId),
    unitProblem(unit),
    limitProblem('floor', input.floor, { min: -AMOUNT_MAX, max: 0 }),
    limitProblem('ceiling', input.ceiling ?? undefined, { min: 0, max: AMOUNT_MAX }),
  );
  const owner = { userId, unit };
  // What is due is posted first, so that limits are judged by what the account really has.
  await scope.postings.settleDue(owner);
  await transact(scope, async (tx) => {
    const head = (await lockHeads(scope, tx, [owner])).get(ownerKey(owner));
    if (head === undefined) throw new UserMissing(userId);
    const { floor = head.floor, ceiling = head.ceiling } = input;
    const isLower = floor > head.floor && head.balance - head.held < floor;
    if (isLower || (ceiling !== null && head.balance > ceiling)) throw new LimitInvalid(head);
    await scope.database.in(tx)('update credit_account set floor = ?, ceiling = ? where id = ?', [
      floor,
      ceiling,
      head.accountId,
    ]);
    const details = { unit, floor, ceiling, floor_before: head.floor, ceiling_before: head.ceiling };
    await recordAct(scope, tx, { action: 'credits.limits_set', target: `user:${userId}`, details });
  });
  return readBalance(scope, owner);
}

function limitProblem(
  field: string,
  value: number | undefined,
  { min, max }: { min: number; max: number },
): FieldProblem | undefined {
  return value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)
    ? undefined
    : { field, code: 'out_of_range', message: `must be a whole number from ${min} to ${max}` };
}
