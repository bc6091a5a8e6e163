import { recordAct } from '../audit/index.ts';
import {
  checkPassword,
  findPasswordHash,
  hashPassword,
  replacePasswordHash,
  verifyPassword,
  WrongPassword,
} from '../credentials/index.ts';
import { requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { endSessions } from '../sessions/index.ts';
import { getUser, lockUser } from '../users/index.ts';

export interface PasswordChange {
  userId: string;
  currentPassword: string;
  newPassword: string;
  /** The session that goes on; all others end. */
  sessionId?: string | undefined;
}

/**
 * Gives a user another password. Whoever else is signed in as this user, perhaps with the old one, is so no longer.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongPassword
 * @throws WrongStatus unless the user is active
 * @throws Overloaded when more passwords are waiting than can be checked in two seconds
 */
export async function changePassword(scope: Scope, change: PasswordChange): Promise<void> {
  const { userId, currentPassword, newPassword, sessionId } = change;
  requireValid(checkPassword('new_password', newPassword, scope.settings));
  await getUser(scope, { id: userId });
  const before = await findPasswordHash(scope, userId);
  const fits = await verifyPassword(scope, before, currentPassword);
  if (before === undefined || !fits) return refuse(scope, userId);
  const after = await hashPassword(scope, newPassword);
  await transact(scope, async (tx) => {
    await lockUser(scope, tx, userId, ['active']);
    // Changed meanwhile: what was checked is not the current password any more.
    if (!(await replacePasswordHash(scope, tx, { userId, before, after }))) throw new WrongPassword();
    const sessions = await endSessions(scope, tx, { userId, exceptSessionId: sessionId }, 'password');
    await recordAct(scope, tx, { action: 'user.password_changed', target: `user:${userId}`, details: { sessions } });
    await publish(scope, tx, {
      type: 'user.password_changed',
      orderKey: `user:${userId}`,
      payload: { user_id: userId },
    });
  });
}

/** Somebody with a stolen token may be guessing: it leaves a trace. @throws WrongPassword always */
async function refuse(scope: Scope, userId: string): Promise<never> {
  await transact({ ...scope, context: {} }, (tx) =>
    recordAct(scope, tx, { action: 'user.password_change_failed', target: `user:${userId}` }),
  );
  throw new WrongPassword();
}
