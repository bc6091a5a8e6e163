import { recordAct } from '../audit/index.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { getUserIn } from '../users/index.ts';
import { endSessions } from './end.ts';
import { SessionMissing } from './errors.ts';

/**
 * Ends one session of a user. Ending one that has ended changes nothing.
 *
 * @throws InvalidInput
 * @throws SessionMissing when there is none, or it is somebody else's
 */
export async function revokeSession(
  scope: Scope,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  requireValid(checkId('userId', userId), checkId('sessionId', sessionId));
  await transact(scope, async (tx) => {
    await requireSessionOf(scope, tx, userId, sessionId);
    if ((await endSessions(scope, tx, { sessionId }, 'revoked')) === 0) return;
    await recordAct(scope, tx, {
      action: 'session.revoked',
      target: `session:${sessionId}`,
      details: { user_id: userId },
    });
    await publish(scope, tx, {
      type: 'session.ended',
      orderKey: `user:${userId}`,
      payload: { session_id: sessionId, user_id: userId, reason: 'revoked' },
    });
  });
}

/**
 * Ends all sessions of a user.
 *
 * @throws InvalidInput
 * @throws UserMissing
 */
export async function revokeAllSessions(scope: Scope, { userId }: { userId: string }): Promise<void> {
  requireValid(checkId('userId', userId));
  await transact(scope, async (tx) => {
    await getUserIn(scope, tx, userId);
    const sessions = await endSessions(scope, tx, { userId }, 'revoked');
    await recordAct(scope, tx, { action: 'sessions.revoked', target: `user:${userId}`, details: { sessions } });
    await publish(scope, tx, {
      type: 'sessions.ended',
      orderKey: `user:${userId}`,
      payload: { user_id: userId, reason: 'revoked' },
    });
  });
}

async function requireSessionOf(scope: Scope, tx: Tx, userId: string, sessionId: string): Promise<void> {
  const run = scope.database.in(tx);
  const known = await run('select 1 from session where id = ? and user_id = ?', [sessionId, userId]);
  if (known.length === 0) throw new SessionMissing(sessionId);
}
