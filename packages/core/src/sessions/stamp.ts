import { plusSeconds } from '../kernel/clock.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';

/** What a session notes of the access token that it is about to get. */
export interface Stamp {
  issuedAt: Date;
  /** The latest that a token issued then can expire. */
  expiresAt: Date;
}

/**
 * Decides the `iat` of a user's next access token, in the transaction that reads what the token will say. The user's row
 * stays as it is until the commit: a change of roles waits, and then revokes this token too. `iat` has whole seconds, so a
 * token made in the second of a revocation is dated into the next one.
 */
export async function stampToken(scope: Scope, tx: Tx, userId: string): Promise<Stamp> {
  const { dialect } = scope.database;
  const [row] = await scope.database.in(tx)<{ tokens_not_before: unknown }>(
    `select tokens_not_before from users where id = ?${dialect.forShare}`,
    [userId],
  );
  return stampAfter(scope, row?.tokens_not_before);
}

/** `notBefore`: the `tokens_not_before` of the user's row, which stays as it is until the commit. */
export function stampAfter({ database, now, settings }: Scope, notBefore: unknown): Stamp {
  const notBeforeMs =
    notBefore === null || notBefore === undefined ? -1 : database.dialect.fromTime(notBefore).getTime();
  const seconds = Math.max(Math.floor(now().getTime() / 1000), Math.floor(notBeforeMs / 1000) + 1);
  const issuedAt = new Date(seconds * 1000);
  return { issuedAt, expiresAt: plusSeconds(issuedAt, settings.accessTokenTtlSeconds) };
}
