import type { DomainError } from '../../kernel/errors.ts';
import { PAID } from '../lots.ts';
import { askedBy, type OperationOf } from '../operation.ts';
import { added, burn, burnt, excess, shortage, spendable } from './amounts.ts';
import { posted } from './draft.ts';
import { statusRefusal } from './refusals.ts';
import { entryTime, type Moment, type Posting, type Standing } from './standing.ts';

/**
 * Moves credits from one account to another of the same unit: two legs of one transaction that sum to zero. They keep
 * their priority, category and expiry, so that no credit lives longer by changing hands.
 */
export function applyTransfer(
  { from, to }: { from: Standing; to: Standing },
  operation: OperationOf<'transfer'>,
  { now, newId }: Moment,
): readonly [Posting, Posting] | DomainError {
  const amount = -operation.amount;
  const refusal =
    statusRefusal(from.head, 'transfer') ??
    (to.head.status === 'closed' ? statusRefusal(to.head, 'transfer') : undefined) ??
    shortage(from.head, amount) ??
    excess(to.head, amount);
  if (refusal !== undefined) return refusal;
  const pieces = burn(from.head, spendable(from.lots, entryTime(from.head, now)), amount);
  const incomes = pieces.map((piece) => ({
    amount: piece.amount,
    into: piece.lot === undefined ? PAID : movedTo(piece.lot),
  }));
  const asked = askedBy(operation);
  return [
    posted(
      from,
      { kind: 'transfer_out', leg: 0, amount: -amount, counterpartyId: operation.toUserId, lots: burnt(pieces) },
      asked,
      now,
    ),
    posted(
      to,
      { kind: 'transfer_in', leg: 1, amount, counterpartyId: operation.userId, lots: added(to.head, incomes, newId) },
      asked,
      now,
    ),
  ];
}

function movedTo({ category, priority, expiresAt }: { category: 'paid' | 'promo'; priority: number; expiresAt: Date }) {
  return { category, priority, expiresAt };
}
