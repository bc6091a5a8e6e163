import { recordAct } from '../audit/index.ts';
import { freezeAccount, thawAccount } from '../credits/index.ts';
import { checkId, checkText, requireValid } from '../kernel/fields.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import { requireAnAdmin } from '../roles/index.ts';
import type { Scope } from '../scope.ts';
import { endSessions } from '../sessions/index.ts';
import { getUserIn, lockUser, type User, type UserStatus, type UserView } from '../users/index.ts';

const REASON_LENGTH_MAX = 500;

interface StatusChange {
  verb: 'deactivated' | 'reactivated' | 'deleted';
  from: readonly UserStatus[];
  to: UserStatus;
  /** What else is true from the same commit on. */
  effects: (scope: Scope, tx: Tx, user: User) => Promise<unknown>;
}

/** The state machine of a user: who may become what, and what that ends or opens at once. */
const CHANGES = {
  deactivate: { verb: 'deactivated', from: ['active'], to: 'inactive', effects: lockOut('deactivated') },
  reactivate: {
    verb: 'reactivated',
    from: ['inactive'],
    to: 'active',
    effects: (scope, tx, user) => thawAccount(scope, tx, user.id),
  },
  remove: { verb: 'deleted', from: ['active', 'inactive'], to: 'deleted', effects: lockOut('deleted') },
} as const satisfies Record<string, StatusChange>;

function lockOut(reason: 'deactivated' | 'deleted') {
  return async (scope: Scope, tx: Tx, user: User): Promise<void> => {
    await endSessions(scope, tx, { userId: user.id }, reason);
    await freezeAccount(scope, tx, user.id);
    await requireAnAdmin(scope, tx);
  };
}

export interface StatusChangeInput {
  id: string;
  /** Why, for the audit; shown as `inactiveReason` while the user is inactive. At most 500 characters. */
  reason?: string | undefined;
}

/**
 * Keeps a user out until reactivated: sessions end, tokens are revoked, credits cannot be spent.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongStatus unless the user is active
 * @throws LastAdmin
 */
export function deactivateUser(scope: Scope, input: StatusChangeInput): Promise<UserView> {
  return changeStatus(scope, CHANGES.deactivate, input);
}

/**
 * Lets a user in again.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongStatus unless the user is inactive
 */
export function reactivateUser(scope: Scope, input: StatusChangeInput): Promise<UserView> {
  return changeStatus(scope, CHANGES.reactivate, input);
}

/**
 * Deletes a user softly: the row, its ledger and its audit stay; nobody can sign in as this user or reuse the address.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongStatus when deleted before
 * @throws LastAdmin
 */
export async function removeUser(scope: Scope, input: StatusChangeInput): Promise<void> {
  await changeStatus(scope, CHANGES.remove, input);
}

async function changeStatus(scope: Scope, change: StatusChange, { id, reason }: StatusChangeInput): Promise<UserView> {
  requireValid(
    checkId('id', id),
    reason === undefined ? undefined : checkText('reason', reason, { max: REASON_LENGTH_MAX }),
  );
  return transact(scope, async (tx) => {
    const user = await lockUser(scope, tx, id, change.from);
    user.status = change.to;
    user.inactiveReason = change.to === 'inactive' ? (reason ?? null) : null;
    user.deletedAt = change.to === 'deleted' ? scope.now() : null;
    user.updatedAt = scope.now();
    await tx.flush();
    await change.effects(scope, tx, user);
    const details = reason === undefined ? {} : { reason };
    await recordAct(scope, tx, { action: `user.${change.verb}`, target: `user:${id}`, details });
    await publish(scope, tx, { type: `user.${change.verb}`, orderKey: `user:${id}`, payload: { user_id: id } });
    return getUserIn(scope, tx, id);
  });
}
