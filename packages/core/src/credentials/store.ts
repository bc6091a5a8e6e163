import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';

/** Sets a user's password hash, in place of the one before. */
export async function storePasswordHash(scope: Scope, tx: Tx, userId: string, passwordHash: string): Promise<void> {
  await scope.database.in(tx)(
    `insert into credential (user_id, password_hash, changed_at) values (?, ?, ?)
     on conflict (user_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at`,
    [userId, passwordHash, scope.now()],
  );
}

export interface Claimant {
  userId: string;
  passwordHash: string | undefined;
}

/** Who has this address, with what is needed to check the password. */
export async function findClaimant({ database }: Scope, emailKey: string): Promise<Claimant | undefined> {
  const [row] = await database.read<{ id: string; password_hash: string | null }>(
    `select u.id, c.password_hash from users u left join credential c on c.user_id = u.id where u.email_key = ?`,
    [emailKey],
  );
  return row && { userId: row.id, passwordHash: row.password_hash ?? undefined };
}

/** A user's password hash, if there is one. */
export async function findPasswordHash({ database }: Scope, userId: string): Promise<string | undefined> {
  const [row] = await database.read<{ password_hash: string }>(
    'select password_hash from credential where user_id = ?',
    [userId],
  );
  return row?.password_hash;
}

/** Puts one hash in the place of another. @returns false when the other is not there any more */
export async function replacePasswordHash(
  scope: Scope,
  tx: Tx,
  { userId, before, after }: { userId: string; before: string; after: string },
): Promise<boolean> {
  const replaced = await scope.database.in(tx)(
    `update credential set password_hash = ?, changed_at = ? where user_id = ? and password_hash = ? returning user_id`,
    [after, scope.now(), userId, before],
  );
  return replaced.length === 1;
}
