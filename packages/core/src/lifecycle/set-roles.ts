import { recordAct } from '../audit/index.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import { assignRoles, requireAnAdmin } from '../roles/index.ts';
import type { Scope } from '../scope.ts';
import { revokeIssuedTokens } from '../sessions/index.ts';
import { getUserIn, lockUser, type UserView } from '../users/index.ts';

/**
 * Gives a user exactly these roles. Access tokens that say otherwise stop working; sessions go on.
 *
 * @throws InvalidInput
 * @throws UserMissing
 * @throws WrongStatus when the user is deleted
 * @throws RoleUnknown
 * @throws LastAdmin
 */
export async function setUserRoles(
  scope: Scope,
  { id, roles }: { id: string; roles: readonly string[] },
): Promise<UserView> {
  requireValid(checkId('id', id));
  return transact(scope, async (tx) => {
    await lockUser(scope, tx, id, ['active', 'inactive']);
    await assignRoles(scope, tx, id, roles);
    await requireAnAdmin(scope, tx);
    await revokeIssuedTokens(scope, tx, id);
    await recordAct(scope, tx, { action: 'user.roles_set', target: `user:${id}`, details: { roles: [...roles] } });
    await publish(scope, tx, {
      type: 'user.roles_set',
      orderKey: `user:${id}`,
      payload: { user_id: id, roles: [...roles] },
    });
    return getUserIn(scope, tx, id);
  });
}
