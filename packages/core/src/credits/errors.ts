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

/** More would be given back than is left of the spend. `refundable` and `required` are in credits. */
export class RefundExceeds extends DomainError {
  static readonly reason = {
    code: 'credits.refund_exceeds',
    kind: 'conflict',
    title: 'The refund exceeds what was spent',
  } as const;
  readonly reason = RefundExceeds.reason;
  override readonly facts: { readonly refundable: number; readonly required: number };

  constructor(refundable: number, required: number) {
    super(`${required} credits were to be refunded and ${refundable} of that spend are left to refund.`);
    this.facts = { refundable, required };
  }
}

/** Only a spend of the same user can be refunded. The same answer whether the transaction is another's or none at all. */
export class NotRefundable extends DomainError {
  static readonly reason = {
    code: 'credits.not_refundable',
    kind: 'conflict',
    title: 'The transaction cannot be refunded',
  } as const;
  readonly reason = NotRefundable.reason;

  constructor(txId: string) {
    super(`The transaction ${txId} is not a spend of this user, so it cannot be refunded.`);
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
    super(`The balance is ${balance} and may not exceed ${ceiling} credits. Post a smaller amount.`);
    this.facts = { balance, ceiling };
  }
}
