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
