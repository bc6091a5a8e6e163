import { checkId, requireValid } from '../kernel/fields.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from './errors.ts';
import { selectUsers, viewOf, type UserRow, type UserView } from './views.ts';

/**
 * One user, also when deleted.
 *
 * @throws InvalidInput when the id is no UUID
 * @throws UserMissing
 */
export async function getUser(scope: Scope, { id }: { id: string }): Promise<UserView> {
  return loadUser(scope, id, scope.database.read);
}

/** The same inside a transaction: sees what it has changed so far. */
export async function getUserIn(scope: Scope, tx: Tx, id: string): Promise<UserView> {
  return loadUser(scope, id, scope.database.in(tx));
}

async function loadUser(
  { database: { dialect } }: Scope,
  id: string,
  run: Scope['database']['read'],
): Promise<UserView> {
  requireValid(checkId('id', id));
  const [row] = await run<UserRow>(`${selectUsers(dialect)} where u.id = ?`, [id]);
  if (row === undefined) throw new UserMissing(id);
  return viewOf(row, dialect);
}
