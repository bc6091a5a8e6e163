import { InvalidCredentials, WrongPassword } from './credentials/index.ts';
import * as credits from './credits/index.ts';
import { KeyReused, Replayed, StillInFlight } from './idempotency/index.ts';
import { DatabaseUnavailable, DomainError, InvalidInput, type ErrorReason } from './kernel/errors.ts';
import { Overloaded } from './kernel/limiter.ts';
import { KeyMissing, NoSigningKey } from './keys/index.ts';
import { LastAdmin, RoleUnknown } from './roles/index.ts';
import { InvalidRefreshToken, SessionMissing } from './sessions/index.ts';
import { EmailTaken, UserMissing, WrongStatus } from './users/index.ts';

type ErrorClass = (abstract new (...args: never[]) => DomainError) & { readonly reason: ErrorReason };

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && value.prototype instanceof DomainError;
}

/** Every reason the domain can refuse for, sorted by code: the source of the error guide. */
export const errorCatalog: readonly ErrorReason[] = [
  InvalidInput,
  DatabaseUnavailable,
  Overloaded,
  InvalidCredentials,
  WrongPassword,
  InvalidRefreshToken,
  SessionMissing,
  KeyReused,
  Replayed,
  StillInFlight,
  KeyMissing,
  NoSigningKey,
  LastAdmin,
  RoleUnknown,
  EmailTaken,
  UserMissing,
  WrongStatus,
  ...Object.values<unknown>(credits).filter(isErrorClass),
]
  .map((errorClass) => errorClass.reason)
  .toSorted((one, other) => (one.code < other.code ? -1 : 1));
