import { ensureSigningKey } from '../keys/index.ts';
import { randomToken, Secret } from '../kernel/secrets.ts';
import type { Scope } from '../scope.ts';
import { EmailTaken } from '../users/index.ts';
import { createUser } from './create-user.ts';

const GENERATED_PASSWORD_BYTES = 12;

export interface SetupInput {
  /** The first admin's address. */
  adminEmail: string;
  /** Without one a password is made, and given back this once. */
  adminPassword?: Secret | undefined;
}

export interface FirstAdmin {
  email: string;
  generatedPassword: Secret | undefined;
}

/**
 * Brings a new database to the point where it serves: a signing key and the first admin. Does nothing
 * to what is there, and may run in many processes at once.
 *
 * @returns the admin, if this call made one
 */
export async function setUp(scope: Scope, { adminEmail, adminPassword }: SetupInput): Promise<FirstAdmin | undefined> {
  await ensureSigningKey(scope);
  if (await hasAdmin(scope)) return undefined;
  const generatedPassword = adminPassword === undefined ? new Secret(randomToken(GENERATED_PASSWORD_BYTES)) : undefined;
  const password = (adminPassword ?? generatedPassword)?.reveal();
  try {
    await createUser(scope, { email: adminEmail, password, name: 'Admin', roles: ['admin'], emailVerified: true });
  } catch (error) {
    // Another process was faster, or the address belongs to somebody who is no admin: only the latter is a problem.
    if (error instanceof EmailTaken && (await hasAdmin(scope))) return undefined;
    throw error;
  }
  return { email: adminEmail, generatedPassword };
}

async function hasAdmin({ database }: Scope): Promise<boolean> {
  const rows = await database.read(`select 1 from user_role where role_name = 'admin' limit 1`);
  return rows.length > 0;
}
