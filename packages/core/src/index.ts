export type { Context } from './scope.ts';
export type { Settings } from './settings.ts';
export { defaultSettings } from './settings.ts';
export { openCore, type Core, type OpenCoreOptions } from './open-core.ts';
export { errorCatalog } from './errors.ts';

export {
  DomainError,
  InvalidInput,
  DatabaseUnavailable,
  type ErrorKind,
  type ErrorReason,
  type FieldProblem,
} from './kernel/errors.ts';
export { Overloaded } from './kernel/limiter.ts';
export type { Json, JsonObject } from './kernel/json.ts';
export { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, type Page, type Stretch } from './kernel/page.ts';
export { Secret } from './kernel/secrets.ts';
export { isId } from './kernel/ids.ts';

export {
  AccountFrozen,
  BalanceOutOfRange,
  BatchRefused,
  ENTRY_KINDS,
  HoldClosed,
  HoldExceeds,
  HoldMissing,
  InsufficientCredits,
  LedgerClosing,
  LimitInvalid,
  LotExpired,
  NotRefundable,
  OPERATION_KINDS,
  OutcomeUnknown,
  placedHold,
  RefundExceeds,
  SameAccount,
  TransactionMissing,
  type BalanceView,
  type BatchInput,
  type BatchItemResult,
  type CaptureInput,
  type ClawbackInput,
  type EntryKind,
  type GrantInput,
  type HistoryFilter,
  type HoldInput,
  type HoldName,
  type HoldView,
  type LastVerification,
  type LimitsInput,
  type OperationKind,
  type PastBalanceView,
  type PostingAlarm,
  type PostingInput,
  type PostInput,
  type Problem,
  type ProblemKind,
  type SettledView,
  type Statement,
  type StatementInput,
  type TransactionName,
  type TransactionView,
  type TransferInput,
  type VerificationView,
  type VerifyInput,
} from './credits/index.ts';
export type { FirstAdmin, NewUserInput, PasswordChange, SetupInput, StatusChangeInput } from './lifecycle/index.ts';
export { InvalidCredentials, PASSWORD_LENGTH_MAX, WrongPassword } from './credentials/index.ts';
export {
  StillInFlight,
  KeyReused,
  Replayed,
  IDEMPOTENCY_KEPT_SECONDS,
  type KeyedPosting,
  type KeyedRequest,
  type StoredAnswer,
} from './idempotency/index.ts';
export {
  JWKS_MAX_AGE_SECONDS,
  KeyMissing,
  NoSigningKey,
  PUBLISHED_AHEAD_SECONDS,
  SecretKeyWrong,
  SIGNING_ALGORITHMS,
  type KeyRotation,
  type KeyState,
  type KeyView,
  type PublicJwk,
  type RotateInput,
  type SigningAlgorithm,
} from './keys/index.ts';
export { BUILT_IN_ROLES, LastAdmin, PERMISSIONS, RoleUnknown, type Permission, type RoleView } from './roles/index.ts';
export { secretFileBeside, SecretKeyMissing } from './secret-key.ts';
export {
  FIRST_PARTY_CLIENT,
  InvalidRefreshToken,
  REFRESH_GRACE_SECONDS,
  SessionMissing,
  type RevocationFeed,
  type SessionFilter,
  type SessionView,
  type TokenFacts,
  type TokenRevocation,
  type TokenPair,
} from './sessions/index.ts';
export type { OutgoingEvent, PendingInput } from './outbox/index.ts';
export type { AccessTokenClaims, ReceiptClaims } from './tokens/index.ts';
export {
  EmailTaken,
  USER_SORTS,
  USER_STATUSES,
  UserMissing,
  WrongStatus,
  type UserChanges,
  type UserFilter,
  type UserStatus,
  type UserView,
} from './users/index.ts';
