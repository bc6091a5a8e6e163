import { isUniqueViolation } from '../database/index.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { searchKey, type EmailAddress } from './email.ts';
import { User } from './entities.ts';
import { EmailTaken } from './errors.ts';

export interface NewUser {
  address: EmailAddress;
  name: string;
  type: string | null;
  profile: JsonObject;
  emailVerified: boolean;
}

/** Inserts an active user. @throws EmailTaken also when a deleted user has the address */
export async function insertUser(scope: Scope, tx: Tx, user: NewUser): Promise<string> {
  const id = scope.newId();
  tx.create(User, {
    id,
    email: user.address.email,
    emailKey: user.address.key,
    emailVerified: user.emailVerified,
    name: user.name,
    searchKey: searchKey(user.address.email, user.name),
    type: user.type,
    profile: user.profile,
    status: 'active',
    createdAt: scope.now(),
    updatedAt: scope.now(),
  });
  await flushAddress(tx);
  return id;
}

/** Writes what is pending, naming the one thing the database may refuse about an address. @throws EmailTaken */
export async function flushAddress(tx: Tx): Promise<void> {
  try {
    await tx.flush();
  } catch (error) {
    throw isUniqueViolation(error, 'email_key') ? new EmailTaken() : error;
  }
}
