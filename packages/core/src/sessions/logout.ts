import { recordAct } from '../audit/index.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { endSessions } from './end.ts';

/** Ends one session. Ending one that has ended, or that never was, changes nothing. @throws InvalidInput */
export async function logout(scope: Scope, { sessionId }: { sessionId: string }): Promise<void> {
  requireValid(checkId('sessionId', sessionId));
  await transact(scope, async (tx) => {
    if ((await endSessions(scope, tx, { sessionId }, 'logout')) === 0) return;
    await recordAct(scope, tx, { action: 'auth.signed_out', target: `session:${sessionId}`, sessionId });
    await publish(scope, tx, {
      type: 'session.ended',
      orderKey: `session:${sessionId}`,
      payload: { session_id: sessionId, reason: 'logout' },
    });
  });
}

/** Ends every session of a user. @throws InvalidInput */
export async function logoutAll(scope: Scope, { userId }: { userId: string }): Promise<void> {
  requireValid(checkId('userId', userId));
  await transact(scope, async (tx) => {
    const sessions = await endSessions(scope, tx, { userId }, 'logout');
    await recordAct(scope, tx, {
      action: 'auth.signed_out_everywhere',
      target: `user:${userId}`,
      details: { sessions },
    });
    await publish(scope, tx, {
      type: 'sessions.ended',
      orderKey: `user:${userId}`,
      payload: { user_id: userId, reason: 'logout' },
    });
  });
}
