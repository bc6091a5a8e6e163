import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import type { SessionEnd } from './entities.ts';
import { revokeSession } from './revoke.ts';

/** Which sessions: one, or all of a user, perhaps all but one. */
export type SessionChoice = { sessionId: string } | { userId: string; exceptSessionId?: string | undefined };

/**
 * Ends sessions: their refresh tokens stop working with the commit, and their access tokens are revoked.
 *
 * @returns how many ended
 */
export async function endSessions(scope: Scope, tx: Tx, choice: SessionChoice, reason: SessionEnd): Promise<number> {
  const [condition, params] =
    'sessionId' in choice
      ? (['id = ?', [choice.sessionId]] as const)
      : (['user_id = ? and id <> ?', [choice.userId, choice.exceptSessionId ?? NO_SESSION]] as const);
  const ended = await scope.database.in(tx)<{ id: string; access_expires_at: unknown }>(
    `update session set ended_at = ?, end_reason = ? where ended_at is null and ${condition} returning id, access_expires_at`,
    [scope.now(), reason, ...params],
  );
  const { fromTime } = scope.database.dialect;
  for (const { id, access_expires_at: expiresAt } of ended) {
    await revokeSession(scope, tx, id, expiresAt === null ? undefined : fromTime(expiresAt));
  }
  return ended.length;
}

const NO_SESSION = '00000000-0000-0000-0000-000000000000';
