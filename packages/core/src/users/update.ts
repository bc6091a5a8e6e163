import { recordAct } from '../audit/index.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { parseEmail, searchKey } from './email.ts';
import { User, type UserStatus } from './entities.ts';
import { UserMissing, WrongStatus } from './errors.ts';
import { profileProblems, type ProfileFields } from './fields.ts';
import { getUserIn } from './get.ts';
import { flushAddress } from './insert.ts';
import type { UserView } from './views.ts';

export interface UserChanges extends ProfileFields {
  id: string;
  /** A new address is unverified until told otherwise. */
  email?: string | undefined;
  emailVerified?: boolean | undefined;
}

/**
 * Changes the fields that are given.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongStatus when the user is deleted
 * @throws EmailTaken
 */
export async function updateUser(scope: Scope, changes: UserChanges): Promise<UserView> {
  requireValid(checkId('id', changes.id), ...profileProblems(changes));
  const address = changes.email === undefined ? undefined : parseEmail(changes.email);
  return transact(scope, async (tx) => {
    const user = await lockUser(scope, tx, changes.id, ['active', 'inactive']);
    if (address !== undefined && address.key !== user.emailKey) user.emailVerified = false;
    Object.assign(user, {
      ...(address && { email: address.email, emailKey: address.key }),
      ...given('emailVerified', changes.emailVerified),
      ...given('name', changes.name),
      ...given('type', changes.type),
      ...given('profile', changes.profile),
      updatedAt: scope.now(),
    });
    user.searchKey = searchKey(user.email, user.name);
    await flushAddress(tx);
    const fields = Object.keys(changes).filter(
      (field) => field !== 'id' && changes[field as keyof UserChanges] !== undefined,
    );
    await recordAct(scope, tx, { action: 'user.updated', target: `user:${user.id}`, details: { fields } });
    await publish(scope, tx, {
      type: 'user.updated',
      orderKey: `user:${user.id}`,
      payload: { user_id: user.id, fields },
    });
    return getUserIn(scope, tx, user.id);
  });
}

function given(field: string, value: unknown): object {
  return value === undefined ? {} : { [field]: value };
}

/** Reads a user that this transaction will change, and keeps others from changing it meanwhile. @throws UserMissing, WrongStatus */
export async function lockUser(scope: Scope, tx: Tx, id: string, wanted: readonly UserStatus[]): Promise<User> {
  await scope.database.in(tx)(`select id from users where id = ?${scope.database.dialect.forUpdate}`, [id]);
  const user = await tx.findOne(User, { id });
  if (user === null) throw new UserMissing(id);
  if (!wanted.includes(user.status)) throw new WrongStatus(user.status, wanted.join(' or '));
  return user;
}
