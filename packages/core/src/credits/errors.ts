import { DomainError } from '../kernel/errors.ts';
import type { AccountStatus } from './entities.ts';

/** The account does not hold enough. `available` and `required` are in credits. */
export class InsufficientCredits extends DomainError {
  static readonly reason = {
    code: 'credits.insufficient',
    kind: 'insufficient',
    title: 'There are not enough credits',
  } as const;
  readonly reason = InsufficientCredits.reason;
  override readonly facts: { readonly available: number; readonly required: number };

  constructor(available: number, required: number) {
    super(`${required} credits are needed and ${available} are available. Purchase credits or ask for less.`);
    this.facts = { available, required };
  }
}

/** The account's owner is deactivated or deleted, or the account is closed. */
export class AccountFrozen extends DomainError {
  static readonly reason = {
    code: 'credits.account_frozen',
    kind: 'conflict',
    title: 'The credit account is frozen',
  } as const;
  readonly reason = AccountFrozen.reason;

  constructor(status: Exclude<AccountStatus, 'open'>) {
    super(
      status === 'frozen'
        ? 'The account is frozen because its user is not active: nothing can be spent. Reactivate the user first.'
        : 'The account is closed: nothing can be posted to it any more.',
    );
  }
}

/** More would be given back than is left of the transaction. `refundable` and `required` are in credits. */
export class RefundExceeds extends DomainError {
  static readonly reason = {
    code: 'credits.refund_exceeds',
    kind: 'conflict',
    title: 'The refund exceeds what was spent',
  } as const;
  readonly reason = RefundExceeds.reason;
  override readonly facts: { readonly refundable: number; readonly required: number };

  constructor(refundable: number, required: number) {
    super(`${required} credits were to be given back and ${refundable} of that transaction are left.`);
    this.facts = { refundable, required };
  }
}

/** Only a spend or capture of the same user can be refunded, and only a purchase clawed back. The same answer whether the transaction is another's or none at all. */
export class NotRefundable extends DomainError {
  static readonly reason = {
    code: 'credits.not_refundable',
    kind: 'conflict',
    title: 'The transaction cannot be refunded',
  } as const;
  readonly reason = NotRefundable.reason;

  constructor(txId: string) {
    super(
      `The transaction ${txId} is not one of this user that can be given back: a refund names a spend or a capture, a clawback a purchase.`,
    );
  }
}

/** No transaction has this id. */
export class TransactionMissing extends DomainError {
  static readonly reason = {
    code: 'credits.transaction_missing',
    kind: 'missing',
    title: 'There is no such transaction',
  } as const;
  readonly reason = TransactionMissing.reason;

  constructor(id: string) {
    super(`There is no credit transaction with the id ${id}.`);
  }
}

/** The balance would leave what the account, or a JSON number, can hold. `balance` and `ceiling` are in credits. */
export class BalanceOutOfRange extends DomainError {
  static readonly reason = {
    code: 'credits.out_of_range',
    kind: 'conflict',
    title: 'The balance would be out of range',
  } as const;
  readonly reason = BalanceOutOfRange.reason;
  override readonly facts: { readonly balance: number; readonly ceiling: number };

  constructor(balance: number, ceiling: number) {
    super(`The balance is ${balance} and may not go beyond ${ceiling} credits. Post a smaller amount.`);
    this.facts = { balance, ceiling };
  }
}

/** The credits would have expired before they came. */
export class LotExpired extends DomainError {
  static readonly reason = {
    code: 'credits.lot_expired',
    kind: 'conflict',
    title: 'The credits would have expired already',
  } as const;
  readonly reason = LotExpired.reason;

  constructor(expiresAt: Date) {
    super(`Credits that expire at ${expiresAt.toISOString()} can no longer be added. Choose a later time.`);
  }
}

/** No hold has this id, or it is not of this account. */
export class HoldMissing extends DomainError {
  static readonly reason = {
    code: 'credits.hold_missing',
    kind: 'missing',
    title: 'There is no such hold',
  } as const;
  readonly reason = HoldMissing.reason;

  constructor(id: string) {
    super(`There is no hold with the id ${id} here.`);
  }
}

/** Nothing is held any more. */
export class HoldClosed extends DomainError {
  static readonly reason = {
    code: 'credits.hold_closed',
    kind: 'conflict',
    title: 'The hold is closed',
  } as const;
  readonly reason = HoldClosed.reason;

  constructor(id: string) {
    super(`The hold ${id} has been captured or released as a whole, or has expired. Place another one.`);
  }
}

/** More would be captured than is left of the hold. `held` and `required` are in credits. */
export class HoldExceeds extends DomainError {
  static readonly reason = {
    code: 'credits.hold_exceeds',
    kind: 'conflict',
    title: 'The capture exceeds what is held',
  } as const;
  readonly reason = HoldExceeds.reason;
  override readonly facts: { readonly held: number; readonly required: number };

  constructor(held: number, required: number) {
    super(
      `${required} credits were to be captured and ${held} of that hold are left. Capture less, or spend the rest.`,
    );
    this.facts = { held, required };
  }
}

/** A transfer has two ends. */
export class SameAccount extends DomainError {
  static readonly reason = {
    code: 'credits.same_account',
    kind: 'invalid',
    title: 'A transfer needs two users',
  } as const;
  readonly reason = SameAccount.reason;

  constructor() {
    super('Credits cannot be transferred from a user to the same user. Name another one as the receiver.');
  }
}

/** The account stands outside the limits that it was to have. `available` (balance without what is held) and `balance` are in credits. */
export class LimitInvalid extends DomainError {
  static readonly reason = {
    code: 'credits.limit_invalid',
    kind: 'conflict',
    title: 'The account stands outside these limits',
  } as const;
  readonly reason = LimitInvalid.reason;
  override readonly facts: { readonly balance: number; readonly held: number };

  constructor({ balance, held }: { balance: number; held: number }) {
    super(
      `The balance is ${balance} with ${held} held. Choose a floor of at most the one less the other and a ceiling of at least the balance, or post first.`,
    );
    this.facts = { balance, held };
  }
}

/** One of a batch that is posted whole or not at all was refused, so nothing was posted. `index` counts from 0. */
export class BatchRefused extends DomainError {
  static readonly reason = {
    code: 'credits.batch_refused',
    kind: 'conflict',
    title: 'The batch was refused as a whole',
  } as const;
  readonly reason = BatchRefused.reason;
  override readonly facts: { readonly index: number; readonly item_code: string };

  constructor(index: number, refusal: DomainError) {
    super(`Nothing was posted, because item ${index} was refused: ${refusal.message}`, { cause: refusal });
    this.facts = { index, item_code: refusal.code };
  }
}
