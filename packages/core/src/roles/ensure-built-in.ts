import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { listRoles, type RoleView } from './list.ts';
import { BUILT_IN_ROLES } from './permissions.ts';

/** Makes the roles that ship with the product and gives them what this version says; only reads when they are right. */
export async function ensureBuiltInRoles(scope: Scope): Promise<void> {
  const known = new Map((await listRoles(scope)).map((role) => [role.name, role]));
  const wrong = Object.entries(BUILT_IN_ROLES).filter(([name, wanted]) => !isSame(known.get(name), wanted));
  if (wrong.length === 0) return;
  await transact(scope, async (tx) => {
    for (const [name, { description, permissions }] of wrong) {
      await scope.database.in(tx)(
        `insert into role (name, description, permissions, built_in, created_at) values (?, ?, ?, ?, ?)
         on conflict (name) do update set description = excluded.description, permissions = excluded.permissions`,
        [name, description, JSON.stringify(permissions), true, scope.now()],
      );
    }
  });
}

function isSame(role: RoleView | undefined, wanted: { description: string; permissions: readonly string[] }): boolean {
  return role?.description === wanted.description && role.permissions.join() === wanted.permissions.toSorted().join();
}
