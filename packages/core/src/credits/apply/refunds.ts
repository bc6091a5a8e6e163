import type { DomainError } from '../../kernel/errors.ts';
import { BalanceOutOfRange, NotRefundable, RefundExceeds } from '../errors.ts';
import { isExpired, PAID, cut, type Lot, type Piece } from '../lots.ts';
import type { OperationOf } from '../operation.ts';
import { AMOUNT_MAX } from '../whole-number.ts';
import { added, burn, burnt, excess, shortage, spendable, type Income } from './amounts.ts';
import type { Draft } from './draft.ts';
import { entryTime, type Moment, type Origin, type Standing } from './standing.ts';

/**
 * Gives back what a spend or a capture took, to the lots that it took it from, the last one first. Credits that have
 * expired since come back as a new lot with the time they had left when they were spent: who is refunded loses nothing by
 * having spent, and gains nothing.
 */
export function refund(
  standing: Standing,
  { amount, originTxId }: OperationOf<'refund'>,
  { now, newId }: Moment,
): Draft | DomainError {
  const origin = originOf(standing, originTxId, ['spend', 'capture'], amount);
  if (!('txId' in origin)) return origin;
  const { head, lots } = standing;
  const refusal = excess(head, amount);
  if (refusal !== undefined) return refusal;
  const time = entryTime(head, now);
  const pieces = cut(takenBy(origin, lots).toReversed(), { skip: origin.refunded, take: amount });
  const incomes = pieces.map((piece) => incomeOf(piece, origin, time));
  return { kind: 'refund', amount, originTxId, lots: added(head, incomes, newId) };
}

function takenBy({ amount, lots: changes }: Origin, lots: readonly Lot[]): Piece[] {
  const known = new Map(lots.map((lot) => [lot.id, lot]));
  const pieces = changes.map((change): Piece => ({ amount: -change.amount, lot: known.get(change.lot) }));
  const uncovered = amount - pieces.reduce((sum, piece) => sum + piece.amount, 0);
  return [...pieces, { amount: uncovered, lot: undefined }];
}

function incomeOf({ amount, lot }: Piece, origin: Origin, time: Date): Income {
  if (lot === undefined) return { amount, into: PAID };
  if (!isExpired(lot, time)) return { amount, into: lot };
  const leftMs = lot.expiresAt.getTime() - origin.createdAt.getTime();
  const { category, priority } = lot;
  return { amount, into: { category, priority, expiresAt: new Date(time.getTime() + leftMs) } };
}

/** Takes back what was bought when its payment is: from its own lot first, then in burn order, below zero only if told so. */
export function clawback(
  standing: Standing,
  { amount: change, originTxId, allowNegative }: OperationOf<'clawback'>,
  { now }: Moment,
): Draft | DomainError {
  const amount = -change;
  const origin = originOf(standing, originTxId, ['purchase'], amount);
  if (!('txId' in origin)) return origin;
  const { head, lots } = standing;
  const refusal = allowNegative ? undefined : shortage(head, amount);
  if (refusal !== undefined) return refusal;
  if (head.balance - amount < -AMOUNT_MAX) return new BalanceOutOfRange(head.balance, AMOUNT_MAX);
  const rest = [...spendable(lots, entryTime(head, now))];
  const isOther = ({ txId }: Lot): number => Number(txId !== originTxId);
  const ownFirst = rest.toSorted((one, other) => isOther(one) - isOther(other));
  const pieces = burn(head, ownFirst, amount);
  return { kind: 'clawback', amount: change, originTxId, lots: burnt(pieces) };
}

function originOf(
  { head, origin }: Standing,
  txId: string,
  kinds: readonly Origin['kind'][],
  amount: number,
): Origin | DomainError {
  if (origin === undefined || origin.accountId !== head.accountId || !kinds.includes(origin.kind)) {
    return new NotRefundable(txId);
  }
  const left = origin.amount - origin.refunded;
  return amount > left ? new RefundExceeds(left, amount) : origin;
}
