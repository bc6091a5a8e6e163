import type { DomainError } from '../kernel/errors.ts';
import type { AccountStatus } from './entities.ts';
import type { Entry } from './entry.ts';
import { AccountFrozen, BalanceOutOfRange, InsufficientCredits, NotRefundable, RefundExceeds } from './errors.ts';
import { hashEntry } from './hash.ts';
import type { Operation } from './operation.ts';
import { CONTRA_ACCOUNTS } from './system-accounts.ts';
import { AMOUNT_MAX } from './whole-number.ts';

/** Where an account stands after its newest entry. */
export interface Head {
  readonly accountId: string;
  readonly status: AccountStatus;
  readonly balance: number;
  readonly held: number;
  /** The least that `balance - held` may be. */
  readonly floor: number;
  readonly ceiling: number | null;
  readonly seq: number;
  readonly headHash: Buffer;
  readonly headAt: Date | null;
}

/** How much of a spend has been given back. */
export interface Refundable {
  readonly accountId: string;
  readonly txId: string;
  readonly amount: number;
  readonly refunded: number;
}

/** What an operation is decided on: the account, and the spend that a refund names. */
export interface Standing {
  readonly head: Head;
  readonly refundable?: Refundable | undefined;
}

/** The standing after an operation, and the entry that explains it. */
export interface Posting extends Standing {
  readonly entry: Entry;
}

/**
 * Decides one operation: the next head with its entry, or the reason for a refusal. Pure: no I/O, clock and ids are
 * handed in. Time never goes backwards within an account, whatever the clock does.
 */
export function apply(standing: Standing, operation: Operation, now: Date): Posting | DomainError {
  const refusal = refusalOf(standing, operation);
  if (refusal !== undefined) return refusal;
  const { head } = standing;
  const entry = nextEntry(head, operation, now);
  return {
    head: {
      ...head,
      balance: entry.balanceAfter,
      held: entry.heldAfter,
      seq: entry.seq,
      headHash: entry.hash,
      headAt: entry.createdAt,
    },
    refundable: nextRefundable(standing, entry),
    entry,
  };
}

/** What may be spent: the balance without what is held, down to the floor. */
export function availableOf({ balance, held, floor }: Pick<Head, 'balance' | 'held' | 'floor'>): number {
  return balance - held - floor;
}

function refusalOf({ head, refundable }: Standing, operation: Operation): DomainError | undefined {
  const { kind, amount, originTxId } = operation;
  if (head.status === 'closed' || (head.status === 'frozen' && kind === 'spend')) return new AccountFrozen(head.status);
  if (originTxId !== null) {
    if (refundable === undefined || refundable.accountId !== head.accountId) return new NotRefundable(originTxId);
    const left = refundable.amount - refundable.refunded;
    if (amount > left) return new RefundExceeds(left, amount);
  }
  if (amount < 0 && availableOf(head) + amount < 0) return new InsufficientCredits(availableOf(head), -amount);
  const ceiling = head.ceiling ?? AMOUNT_MAX;
  // The sum of two safe integers may be rounded, but never back into the safe range.
  return head.balance + amount > ceiling ? new BalanceOutOfRange(head.balance, ceiling) : undefined;
}

function nextEntry(head: Head, operation: Operation, now: Date): Entry {
  const entry = {
    accountId: head.accountId,
    seq: head.seq + 1,
    txId: operation.txId,
    leg: 0,
    contraId: CONTRA_ACCOUNTS[operation.kind],
    kind: operation.kind,
    amount: operation.amount,
    heldDelta: 0,
    balanceAfter: head.balance + operation.amount,
    heldAfter: head.held,
    originTxId: operation.originTxId,
    clientId: operation.context.clientId,
    idemKey: operation.idemKey,
    requestHash: operation.requestHash,
    actor: operation.context.actor,
    reference: operation.reference,
    description: operation.description,
    correlationId: operation.context.correlationId ?? null,
    metadata: operation.metadata,
    createdAt: head.headAt !== null && head.headAt > now ? head.headAt : now,
    prevHash: head.headHash,
  };
  return { ...entry, hash: hashEntry(entry) };
}

function nextRefundable({ refundable }: Standing, { kind, accountId, txId, amount }: Entry): Refundable | undefined {
  if (kind === 'spend') return { accountId, txId, amount: -amount, refunded: 0 };
  return refundable && { ...refundable, refunded: refundable.refunded + amount };
}
