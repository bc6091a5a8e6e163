import { AuditEntry } from '../audit/entities.ts';
import {
  CreditAccount,
  CreditEntry,
  CreditHold,
  CreditLot,
  CreditRefundable,
  CreditVerified,
  LedgerVerification,
} from '../credits/entities.ts';
import { CreditRefusal } from '../credits/engine/entities.ts';
import { Credential } from '../credentials/entities.ts';
import { IdempotencyRecord } from '../idempotency/entities.ts';
import { SigningKey } from '../keys/entities.ts';
import { OutboxEvent } from '../outbox/entities.ts';
import { Role, UserRole } from '../roles/entities.ts';
import { RefreshToken, Revocation, Session } from '../sessions/entities.ts';
import { User } from '../users/entities.ts';

/** Every table of the product: the one place where the database room looks into the features. */
export const entities = [
  User,
  Credential,
  Role,
  UserRole,
  Session,
  RefreshToken,
  Revocation,
  SigningKey,
  CreditAccount,
  CreditEntry,
  CreditRefundable,
  CreditHold,
  CreditLot,
  LedgerVerification,
  CreditVerified,
  CreditRefusal,
  AuditEntry,
  OutboxEvent,
  IdempotencyRecord,
];
