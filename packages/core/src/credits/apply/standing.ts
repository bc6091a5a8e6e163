import type { AccountStatus, LotChange } from '../entities.ts';
import type { Entry } from '../entry.ts';
import type { Lot } from '../lots.ts';

/** Where an account stands after its newest entry. */
export interface Head {
  readonly accountId: string;
  readonly userId: string;
  readonly unit: string;
  readonly status: AccountStatus;
  readonly balance: number;
  readonly held: number;
  /** The least that `balance - held` may be, but for clawbacks that go below. */
  readonly floor: number;
  readonly ceiling: number | null;
  readonly seq: number;
  readonly headHash: Buffer;
  readonly headAt: Date | null;
}

/** Credits set aside for a spend to come. */
export interface Hold {
  readonly id: string;
  readonly accountId: string;
  readonly amount: number;
  readonly captured: number;
  readonly released: number;
  readonly expiresAt: Date;
}

/** A spend, a capture or a purchase, and how much of it has been given back. */
export interface Origin {
  readonly txId: string;
  readonly accountId: string;
  readonly kind: 'spend' | 'capture' | 'purchase';
  readonly amount: number;
  readonly refunded: number;
  readonly createdAt: Date;
  /** What it did to lots. */
  readonly lots: readonly LotChange[];
}

/** What an operation is decided on: the account, its lots in burn order, and what the operation names. */
export interface Standing {
  readonly head: Head;
  readonly lots: readonly Lot[];
  readonly hold?: Hold | undefined;
  readonly origin?: Origin | undefined;
}

/** The standing after an operation, and the entry that explains it. */
export interface Posting extends Standing {
  readonly entry: Entry;
}

/** Clock and ids, handed in. */
export interface Moment {
  readonly now: Date;
  readonly newId: () => string;
}

/** What may be spent: the balance without what is held, down to the floor. */
export function availableOf({ balance, held, floor }: Pick<Head, 'balance' | 'held' | 'floor'>): number {
  return balance - held - floor;
}

/** The time of the next entry: time never goes backwards within an account, whatever the clock does. */
export function entryTime({ headAt }: Head, now: Date): Date {
  return headAt !== null && headAt > now ? headAt : now;
}

export function leftOf({ amount, captured, released }: Pick<Hold, 'amount' | 'captured' | 'released'>): number {
  return amount - captured - released;
}
