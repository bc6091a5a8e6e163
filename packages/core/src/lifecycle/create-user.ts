import { recordAct } from '../audit/index.ts';
import { checkPassword, hashPassword, storePasswordHash } from '../credentials/index.ts';
import { openAccount } from '../credits/index.ts';
import { requireValid } from '../kernel/fields.ts';
import type { JsonObject } from '../kernel/json.ts';
import { transact } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import { assignRoles } from '../roles/index.ts';
import type { Scope } from '../scope.ts';
import { getUserIn, insertUser, parseEmail, profileProblems, type UserView } from '../users/index.ts';

export interface NewUserInput {
  email: string;
  /** Without one the user cannot sign in by password until one is set. */
  password?: string | undefined;
  name?: string | undefined;
  type?: string | null | undefined;
  profile?: JsonObject | undefined;
  /** `['user']` unless told. */
  roles?: readonly string[] | undefined;
  emailVerified?: boolean | undefined;
}

/**
 * Makes an active user with roles, perhaps a password, and an empty credit account.
 *
 * @throws InvalidInput
 * @throws EmailTaken
 * @throws RoleUnknown
 * @throws Overloaded when more passwords are waiting than can be hashed in two seconds
 */
export async function createUser(scope: Scope, input: NewUserInput): Promise<UserView> {
  const { password, roles = ['user'] } = input;
  const address = parseEmail(input.email);
  requireValid(
    ...profileProblems(input),
    password === undefined ? undefined : checkPassword('password', password, scope.settings),
  );
  const passwordHash = password === undefined ? undefined : await hashPassword(scope, password);
  return transact(scope, async (tx) => {
    const id = await insertUser(scope, tx, {
      address,
      name: input.name ?? '',
      type: input.type ?? null,
      profile: input.profile ?? {},
      emailVerified: input.emailVerified ?? false,
    });
    if (passwordHash !== undefined) await storePasswordHash(scope, tx, id, passwordHash);
    await assignRoles(scope, tx, id, roles);
    await openAccount(scope, tx, id);
    await recordAct(scope, tx, { action: 'user.created', target: `user:${id}`, details: { roles: [...roles] } });
    await publish(scope, tx, { type: 'user.created', orderKey: `user:${id}`, payload: { user_id: id } });
    return getUserIn(scope, tx, id);
  });
}
