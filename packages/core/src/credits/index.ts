export { freezeAccount, openAccount, thawAccount } from './accounts.ts';
export { adjust, type AdjustInput } from './adjust.ts';
export { batch, type BatchInput, type BatchItemResult } from './batch.ts';
export { readBalance, type BalanceView } from './balance.ts';
export { readBalanceAt, type PastBalanceView } from './balance-at.ts';
export { clawback, type ClawbackInput } from './clawback.ts';
export {
  CreditAccount,
  CreditEntry,
  CreditHold,
  CreditLot,
  CreditRefundable,
  ENTRY_KINDS,
  type AccountStatus,
  type EntryKind,
} from './entities.ts';
export { createPostingEngine, type EngineOptions, type PostingEngine } from './engine/engine.ts';
export type { PostingAlarm } from './engine/settle.ts';
export { CreditRefusal } from './engine/entities.ts';
export { LedgerClosing, OutcomeUnknown } from './engine/errors.ts';
export {
  AccountFrozen,
  BalanceOutOfRange,
  BatchRefused,
  HoldClosed,
  HoldExceeds,
  HoldMissing,
  InsufficientCredits,
  LimitInvalid,
  LotExpired,
  NotRefundable,
  RefundExceeds,
  SameAccount,
  TransactionMissing,
} from './errors.ts';
export { findEntry, findTransaction, listTransactions, type HistoryFilter, type TransactionName } from './history.ts';
export { grant, type GrantInput } from './grant.ts';
export {
  capture,
  getHold,
  hold,
  placedHold,
  release,
  type CaptureInput,
  type HoldInput,
  type HoldName,
  type HoldView,
} from './hold.ts';
export { OPERATION_KINDS, type LotInput, type OperationKind, type PostingInput, type PostInput } from './operation.ts';
export { post } from './post.ts';
export { outboxEvents } from './posted-event.ts';
export { purchase, type PurchaseInput } from './purchase.ts';
export { refund, type RefundInput } from './refund.ts';
export { setLimits, type LimitsInput } from './set-limits.ts';
export { settleDue, type SettledView } from './settle-due.ts';
export { readStatement, type Statement, type StatementInput } from './statement.ts';
export { transfer, type TransferInput } from './transfer.ts';
export { spend, type SpendInput } from './spend.ts';
export { SYSTEM_ACCOUNTS } from './system-accounts.ts';
export type { Problem, ProblemKind } from './verify/problems.ts';
export {
  lastVerification,
  verifyLedger,
  type LastVerification,
  type VerificationView,
  type VerifyInput,
} from './verify/verify.ts';
export type { TransactionView } from './views.ts';
