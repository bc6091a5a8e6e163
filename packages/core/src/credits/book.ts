import { KeyReused } from '../idempotency/index.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { ownerKey, type Owner } from './accounts.ts';
import {
  apply,
  applyTransfer,
  settle,
  type Head,
  type Hold,
  type Moment,
  type Posting,
  type Standing,
} from './apply.ts';
import { keyOf, type Earlier } from './earlier.ts';
import type { Entry } from './entry.ts';
import { burnOrder, type Lot } from './lots.ts';
import type { Operation } from './operation.ts';
import { viewOf, type TransactionView } from './views.ts';

/** What became of one operation: its transaction, now or under the same key before, or the reason for its refusal. */
export type Result = TransactionView | DomainError;

/** Where an account stands, with the first of its lots in burn order. */
export interface Account {
  readonly head: Head;
  readonly lots: readonly Lot[];
}

/** The ledger as a batch has it: it moves forward from one operation to the next. */
export class Book {
  /** What is to be written, in order. */
  readonly entries: Entry[] = [];
  readonly #accounts: Map<string, Account>;
  readonly #earlier: Earlier;
  readonly #moment: Moment;

  constructor(scope: Scope, accounts: ReadonlyMap<string, Account>, earlier: Earlier, now: Date) {
    this.#accounts = new Map(accounts);
    this.#earlier = earlier;
    this.#moment = { now, newId: scope.newId };
  }

  /** Where the accounts stand, by `ownerKey`. */
  get accounts(): ReadonlyMap<string, Account> {
    return this.#accounts;
  }

  /** Posts what is due on every account by now. */
  settleDue(): void {
    const holds = Map.groupBy(this.#earlier.holds.values(), (hold: Hold) => hold.accountId);
    for (const { head, lots } of this.#accounts.values()) {
      const due = settle({ head, lots, holds: holds.get(head.accountId) ?? [] }, this.#moment);
      for (const posting of due) this.#keep(head, posting);
    }
  }

  /** Posts an operation, unless it was posted before or is refused. */
  settle(operation: Operation): Result {
    const earlier = this.#earlierUnder(operation);
    if (earlier !== undefined) {
      return isSameRequest(earlier, operation) ? viewOf(earlier, operation) : new KeyReused();
    }
    const account = this.#accounts.get(ownerKey(operation));
    if (account === undefined) return new UserMissing(operation.userId);
    return operation.kind === 'transfer' ? this.#transfer(account, operation) : this.#single(account, operation);
  }

  #single(account: Account, operation: Exclude<Operation, { kind: 'transfer' }>): Result {
    const posting = apply({ ...account, ...this.#named(operation) }, operation, this.#moment);
    return posting instanceof DomainError ? posting : this.#keep(operation, posting);
  }

  #transfer(from: Account, operation: Extract<Operation, { kind: 'transfer' }>): Result {
    const receiver = { userId: operation.toUserId, unit: operation.unit };
    const to = this.#accounts.get(ownerKey(receiver));
    if (to === undefined) return new UserMissing(operation.toUserId);
    const legs = applyTransfer({ from, to }, operation, this.#moment);
    if (legs instanceof DomainError) return legs;
    const [out, into] = legs;
    const view = this.#keep(operation, out);
    this.#keep(receiver, into);
    return view;
  }

  #keep(owner: Owner, { entry, head, lots, hold, origin }: Posting): TransactionView {
    this.#accounts.set(ownerKey(owner), { head, lots });
    if (hold !== undefined) this.#earlier.holds.set(hold.id, hold);
    if (origin !== undefined) this.#earlier.origins.set(origin.txId, origin);
    if (entry.idemKey !== null && entry.leg === 0) this.#earlier.keyed.set(keyOf(entry.clientId, entry.idemKey), entry);
    this.entries.push(entry);
    return viewOf(entry, owner);
  }

  #named(operation: Operation): Pick<Standing, 'hold' | 'origin'> {
    if (!('originTxId' in operation)) return {};
    const { originTxId } = operation;
    return { hold: this.#earlier.holds.get(originTxId), origin: this.#earlier.origins.get(originTxId) };
  }

  #earlierUnder({ idemKey, context }: Operation): Entry | undefined {
    return idemKey === null ? undefined : this.#earlier.keyed.get(keyOf(context.clientId, idemKey));
  }
}

/** Heads with their lots, by `ownerKey`. */
export function accountsFrom(heads: ReadonlyMap<string, Head>, { lots }: Earlier): Map<string, Account> {
  const byAccount = Map.groupBy(lots.values(), (lot) => lot.accountId);
  return new Map(
    [...heads].map(([key, head]) => [key, { head, lots: (byAccount.get(head.accountId) ?? []).toSorted(burnOrder) }]),
  );
}

/** The accounts that an operation locks. */
export function ownersOf(operation: Operation): Owner[] {
  const { userId, unit } = operation;
  return operation.kind === 'transfer'
    ? [
        { userId, unit },
        { userId: operation.toUserId, unit },
      ]
    : [{ userId, unit }];
}

function isSameRequest(earlier: Entry, { requestHash }: Operation): boolean {
  return earlier.requestHash !== null && requestHash !== null && earlier.requestHash.equals(requestHash);
}
