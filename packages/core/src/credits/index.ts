export { freezeAccount, openAccount, thawAccount } from './accounts.ts';
export { adjust, type AdjustInput } from './adjust.ts';
export { readBalance, type BalanceView } from './balance.ts';
export {
  CreditAccount,
  CreditEntry,
  CreditRefundable,
  ENTRY_KINDS,
  type AccountStatus,
  type EntryKind,
} from './entities.ts';
export {
  AccountFrozen,
  BalanceOutOfRange,
  InsufficientCredits,
  NotRefundable,
  RefundExceeds,
  TransactionMissing,
} from './errors.ts';
export { findTransaction, listTransactions, type HistoryFilter } from './history.ts';
export type { PostingInput, PostInput } from './operation.ts';
export { post } from './post.ts';
export { purchase, type PurchaseInput } from './purchase.ts';
export { refund, type RefundInput } from './refund.ts';
export { spend, type SpendInput } from './spend.ts';
export { SYSTEM_ACCOUNTS } from './system-accounts.ts';
export type { TransactionView } from './views.ts';
