import { plusSeconds } from '../kernel/clock.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import type { SessionEnd } from './entities.ts';

/** Which sessions: one, or all of a user, perhaps all but one. */
export type SessionChoice = { sessionId: string } | { userId: string; exceptSessionId?: string };

/**
 * Ends sessions: their refresh tokens stop working with the commit, and their access tokens are revoked.
 *
 * @returns how many ended
 */
export async function endSessions(scope: Scope, tx: Tx, choice: SessionChoice, reason: SessionEnd): Promise<number> {
  const run = scope.database.in(tx);
  const [condition, params] =
    'sessionId' in choice
      ? (['id = ?', [choice.sessionId]] as const)
      : (['user_id = ? and id <> ?', [choice.userId, choice.exceptSessionId ?? NO_SESSION]] as const);
  const ended = await run<{ id: string }>(
    `update session set ended_at = ?, end_reason = ? where ended_at is null and ${condition} returning id`,
    [scope.now(), reason, ...params],
  );
  for (const { id } of ended) await revoke(scope, tx, { kind: 'sid', value: id, notBefore: null });
  return ended.length;
}

const NO_SESSION = '00000000-0000-0000-0000-000000000000';

/** Makes a user's access tokens of before this moment worthless; sessions go on and fetch new ones. */
export async function revokeIssuedTokens(scope: Scope, tx: Tx, userId: string): Promise<void> {
  await revoke(scope, tx, { kind: 'sub', value: userId, notBefore: scope.now() });
}

interface NewRevocation {
  kind: 'sid' | 'sub';
  value: string;
  notBefore: Date | null;
}

/** It may be forgotten once every token it speaks of has expired. */
async function revoke(scope: Scope, tx: Tx, { kind, value, notBefore }: NewRevocation): Promise<void> {
  const now = scope.now();
  await scope.database.in(tx)(
    'insert into revocation (id, kind, value, not_before, created_at, forget_at) values (?, ?, ?, ?, ?, ?)',
    [
      scope.newId(),
      kind,
      value,
      notBefore,
      now,
      plusSeconds(now, scope.settings.accessTokenTtlSeconds + CLOCK_TOLERANCE_SECONDS),
    ],
  );
}

const CLOCK_TOLERANCE_SECONDS = 60;
