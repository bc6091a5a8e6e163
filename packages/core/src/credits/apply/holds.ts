import { plusSeconds } from '../../kernel/clock.ts';
import type { DomainError } from '../../kernel/errors.ts';
import { BalanceOutOfRange, HoldClosed, HoldExceeds, HoldMissing } from '../errors.ts';
import type { OperationOf } from '../operation.ts';
import { AMOUNT_MAX } from '../whole-number.ts';
import { burn, burnt, capturable, shortage } from './amounts.ts';
import type { Draft } from './draft.ts';
import { entryTime, leftOf, type Hold, type Moment, type Standing } from './standing.ts';

/** Sets credits aside: they stay in the balance, and nothing else can spend them. */
export function placeHold(
  { head }: Standing,
  { amount, expiresInSeconds }: OperationOf<'hold'>,
  { now }: Moment,
): Draft | DomainError {
  const refusal = shortage(head, amount);
  if (refusal !== undefined) return refusal;
  if (head.held + amount > AMOUNT_MAX) return new BalanceOutOfRange(head.held, AMOUNT_MAX);
  const expiresAt = plusSeconds(entryTime(head, now), expiresInSeconds);
  return { kind: 'hold', amount: 0, heldDelta: amount, expiresAt };
}

/** Spends what is held, all of it unless told; `final` lets go of the rest. It cannot be refused for want of credits. */
export function capture(standing: Standing, operation: OperationOf<'capture'>, { now }: Moment): Draft | DomainError {
  const hold = openHold(standing, operation.originTxId);
  if (!('id' in hold)) return hold;
  const left = leftOf(hold);
  const amount = operation.amount ?? left;
  if (amount > left) return new HoldExceeds(left, amount);
  const { head, lots } = standing;
  const pieces = burn(head, capturable(lots, entryTime(head, now)), amount);
  const heldDelta = operation.final ? -left : -amount;
  return { kind: 'capture', amount: -amount, heldDelta, originTxId: hold.id, lots: burnt(pieces) };
}

/** Lets go of what is still held. */
export function release(standing: Standing, { originTxId }: OperationOf<'release'>): Draft | DomainError {
  const hold = openHold(standing, originTxId);
  return 'id' in hold ? { kind: 'release', amount: 0, heldDelta: -leftOf(hold), originTxId } : hold;
}

function openHold({ head, hold }: Standing, id: string): Hold | DomainError {
  if (hold === undefined || hold.accountId !== head.accountId) return new HoldMissing(id);
  return leftOf(hold) === 0 ? new HoldClosed(id) : hold;
}
