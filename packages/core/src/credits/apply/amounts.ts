import type { DomainError } from '../../kernel/errors.ts';
import type { LotChange } from '../entities.ts';
import { BalanceOutOfRange, InsufficientCredits } from '../errors.ts';
import { birth, isExpired, takeFrom, type Lot, type LotTerms, type Piece } from '../lots.ts';
import { AMOUNT_MAX } from '../whole-number.ts';
import { availableOf, type Head } from './standing.ts';

/** Refuses to take more than is available. */
export function shortage(head: Head, amount: number): DomainError | undefined {
  return availableOf(head) < amount ? new InsufficientCredits(availableOf(head), amount) : undefined;
}

/** Refuses a balance above the ceiling. The sum of two safe integers may be rounded, but never back into the safe range. */
export function excess(head: Head, amount: number): DomainError | undefined {
  const ceiling = head.ceiling ?? AMOUNT_MAX;
  return head.balance + amount > ceiling ? new BalanceOutOfRange(head.balance, ceiling) : undefined;
}

/** What taking an amount burns, in the order given. The last piece is what goes below zero, often nothing. */
export function burn(head: Head, lots: Iterable<Lot>, amount: number): Piece[] {
  const covered = Math.min(amount, Math.max(0, head.balance));
  return [...takeFrom(lots, covered), { amount: amount - covered, lot: undefined }];
}

/**
 * Lots for a spend: the live ones in burn order. Expired ones are only kept for what is held, so they come last here, and
 * first when that is captured. Looks no further than it is asked: most spends end in the first lot.
 */
export function* spendable(lots: readonly Lot[], time: Date): Generator<Lot> {
  for (const lot of lots) if (!isExpired(lot, time)) yield lot;
  for (const lot of lots) if (isExpired(lot, time)) yield lot;
}

export function* capturable(lots: readonly Lot[], time: Date): Generator<Lot> {
  for (const lot of lots) if (isExpired(lot, time)) yield lot;
  for (const lot of lots) if (!isExpired(lot, time)) yield lot;
}

export function burnt(pieces: readonly Piece[]): LotChange[] {
  return pieces.flatMap(({ amount, lot }) => (lot === undefined ? [] : [{ lot: lot.id, amount: -amount }]));
}

/** Part of what comes in: into a lot that there is, or as a new one on these terms. */
export interface Income {
  readonly amount: number;
  readonly into: Lot | LotTerms;
}

/**
 * What income does to lots. An account below zero has nothing in lots, and what comes in pays that debt first: so lots
 * together always hold what the balance says, or nothing.
 */
export function added(head: Head, incomes: readonly Income[], newId: () => string): LotChange[] {
  let debt = Math.max(0, -head.balance);
  return incomes.flatMap(({ amount, into }): LotChange[] => {
    const paid = Math.min(debt, amount);
    debt -= paid;
    if (paid === amount) return [];
    return ['id' in into ? { lot: into.id, amount: amount - paid } : birth(newId(), amount - paid, into)];
  });
}
