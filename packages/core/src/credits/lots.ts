import type { LotBirth, LotCategory, LotChange } from './entities.ts';

/** What is stored as the expiry of what never expires. */
export const NEVER = new Date('9999-12-31T23:59:59.999Z');
export const PRIORITY_DEFAULT = 50;
export const PRIORITY_MAX = 100;

/** How credits are burnt. */
export interface LotTerms {
  readonly category: LotCategory;
  /** 0 to 100: the smallest is burnt first. */
  readonly priority: number;
  /** NEVER for what does not expire. */
  readonly expiresAt: Date;
}

/** Credits that came in together and are burnt together. */
export interface Lot extends LotTerms {
  readonly id: string;
  /** The transaction that it came with. */
  readonly txId: string;
  readonly remaining: number;
  readonly createdAt: Date;
}

export const PAID: LotTerms = { category: 'paid', priority: PRIORITY_DEFAULT, expiresAt: NEVER };

/** Part of an amount, and the lot that it comes from; without a lot it is a debt. */
export interface Piece {
  readonly amount: number;
  readonly lot: Lot | undefined;
}

export function isExpired({ expiresAt }: LotTerms, time: Date): boolean {
  return expiresAt <= time;
}

/** The order in which lots are burnt: priority, what expires first, promotional before paid, age. */
export function burnOrder(one: Lot, other: Lot): number {
  return (
    one.priority - other.priority ||
    one.expiresAt.getTime() - other.expiresAt.getTime() ||
    Number(one.category === 'paid') - Number(other.category === 'paid') ||
    one.createdAt.getTime() - other.createdAt.getTime() ||
    (one.id < other.id ? -1 : 1)
  );
}

/** Takes an amount out of lots in the order given. */
export function takeFrom(lots: Iterable<Lot>, amount: number): Piece[] {
  const pieces: Piece[] = [];
  let left = amount;
  for (const lot of lots) {
    if (left === 0) break;
    const taken = Math.min(left, lot.remaining);
    if (taken > 0) pieces.push({ amount: taken, lot });
    left -= taken;
  }
  return pieces;
}

/** Skips the first of an amount cut into pieces, and gives the next of it. */
export function cut(pieces: readonly Piece[], { skip, take }: { skip: number; take: number }): Piece[] {
  let start = 0;
  return pieces.flatMap(({ amount, lot }) => {
    const from = Math.max(start, skip);
    const to = Math.min(start + amount, skip + take);
    start += amount;
    return to > from ? [{ amount: to - from, lot }] : [];
  });
}

export function isBirth(change: LotChange): change is LotBirth {
  return 'category' in change;
}

export function birth(id: string, amount: number, { category, priority, expiresAt }: LotTerms): LotBirth {
  const expires = expiresAt.getTime() === NEVER.getTime() ? null : expiresAt.toISOString();
  return { lot: id, amount, category, priority, expires };
}

/** The lots, in burn order, after what an entry did to them. */
export function withChanges(
  lots: readonly Lot[],
  { lots: changes, txId, createdAt }: { lots: readonly LotChange[]; txId: string; createdAt: Date },
): readonly Lot[] {
  const after = [...lots];
  for (const change of changes) {
    const index = isBirth(change) ? -1 : after.findIndex(({ id }) => id === change.lot);
    const known = after[index];
    if (known !== undefined) after[index] = { ...known, remaining: known.remaining + change.amount };
    if (isBirth(change)) after.push({ ...termsOf(change), id: change.lot, txId, remaining: change.amount, createdAt });
  }
  return changes.some(isBirth) ? after.toSorted(burnOrder) : after;
}

function termsOf({ category, priority, expires }: LotBirth): LotTerms {
  return { category, priority, expiresAt: expires === null ? NEVER : new Date(expires) };
}
