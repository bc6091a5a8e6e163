import { plusSeconds } from '../kernel/clock.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';

/** How far the clocks of verifiers may lag behind ours. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Makes every access token of these sessions worthless. */
export async function revokeSessions(scope: Scope, tx: Tx, sessionIds: readonly string[]): Promise<void> {
  for (const value of sessionIds) await revoke(scope, tx, { kind: 'sid', value, notBefore: null });
}

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
  const { database, settings, newId } = scope;
  const now = scope.now();
  const forgetAt = plusSeconds(now, settings.accessTokenTtlSeconds + CLOCK_TOLERANCE_SECONDS);
  await database.in(tx)(
    `insert into revocation (id, kind, value, not_before, created_at, forget_at, position)
     values (?, ?, ?, ?, ?, ?, ${database.dialect.writePosition('revocation')})`,
    [newId(), kind, value, notBefore, now, forgetAt],
  );
}
