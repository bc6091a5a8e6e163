import { checkId, requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import { findAccount } from './accounts.ts';
import { lastSeqBefore, timeProblem } from './entries-in-time.ts';
import { UNIT_DEFAULT, unitProblem } from './operation.ts';
import { settleFirst } from './settle-due.ts';
import { wholeNumber } from './whole-number.ts';

/** What an account held at a time, in credits. */
export interface PastBalanceView {
  userId: string;
  unit: string;
  at: Date;
  balance: number;
  /** How much of it was set aside. */
  held: number;
}

/**
 * A user's balance at any past time, with everything that was posted up to and at that millisecond.
 *
 * @throws InvalidInput naming the field at fault: also for a time to come
 * @throws UserMissing
 */
export async function readBalanceAt(
  scope: Scope,
  { userId, unit = UNIT_DEFAULT, at }: { userId: string; unit?: string | undefined; at: Date },
): Promise<PastBalanceView> {
  requireValid(
    checkId('userId', userId),
    unitProblem(unit),
    timeProblem('at', at) ??
      (at > scope.now() ? { field: 'at', code: 'to_come', message: 'must not be a time to come' } : undefined),
  );
  const owner = { userId, unit };
  await settleFirst(scope, owner);
  const accountId = await findAccount(scope, owner);
  const seq = accountId === undefined ? 0 : await lastSeqBefore(scope, accountId, new Date(at.getTime() + 1));
  return { ...owner, at, ...(await standingAfter(scope, accountId, seq)) };
}

/** What an account held after its entry `seq`. */
export async function standingAfter(
  scope: Scope,
  accountId: string | undefined,
  seq: number,
): Promise<{ balance: number; held: number }> {
  if (accountId === undefined || seq === 0) return { balance: 0, held: 0 };
  const [row] = await scope.database.read<{ balance_after: unknown; held_after: unknown }>(
    'select balance_after, held_after from credit_entry where account_id = ? and seq = ?',
    [accountId, seq],
  );
  return { balance: wholeNumber(row?.balance_after), held: wholeNumber(row?.held_after) };
}
