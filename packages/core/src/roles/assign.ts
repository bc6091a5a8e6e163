import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { LastAdmin, RoleUnknown } from './errors.ts';

/** Gives a user exactly these roles. @throws RoleUnknown */
export async function assignRoles(scope: Scope, tx: Tx, userId: string, names: readonly string[]): Promise<void> {
  const run = scope.database.in(tx);
  const wanted = [...new Set(names)];
  const known = new Set((await run<{ name: string }>('select name from role')).map((role) => role.name));
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new RoleUnknown(unknown);
  await run('delete from user_role where user_id = ?', [userId]);
  for (const name of wanted) await run('insert into user_role (user_id, role_name) values (?, ?)', [userId, name]);
}

/** Refuses to go on when no active admin is left. They take turns here, so that two cannot remove each other. @throws LastAdmin */
export async function requireAnAdmin(scope: Scope, tx: Tx): Promise<void> {
  const run = scope.database.in(tx);
  await run(scope.database.dialect.takeTurns, ['last-admin']);
  const rows = await run(
    `select 1 from user_role r join users u on u.id = r.user_id where r.role_name = 'admin' and u.status = 'active' limit 1`,
  );
  if (rows.length === 0) throw new LastAdmin();
}
