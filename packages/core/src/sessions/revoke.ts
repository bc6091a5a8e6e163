import { plusSeconds } from '../kernel/clock.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import type { RevocationKind } from './entities.ts';

/** How far the clocks of verifiers may lag behind ours. */
const CLOCK_TOLERANCE_SECONDS = 60;

/** Makes every access token of a session worthless. `expiresAt`: when the last of them will have expired. */
export async function revokeSession(
  scope: Scope,
  tx: Tx,
  sessionId: string,
  expiresAt: Date | undefined,
): Promise<void> {
  await revoke(scope, tx, { kind: 'sid', value: sessionId, notBefore: null, expiresAt });
}

/** Makes one access token worthless. */
export async function revokeTokenId(scope: Scope, tx: Tx, tokenId: string, expiresAt: Date | undefined): Promise<void> {
  await revoke(scope, tx, { kind: 'jti', value: tokenId, notBefore: null, expiresAt });
}

/**
 * Makes the access tokens that a user was issued until now worthless; sessions go on and fetch new ones. A token dated
 * ahead of this moment, or by a clock that was ahead of it, is among them.
 */
export async function revokeIssuedTokens(scope: Scope, tx: Tx, userId: string): Promise<void> {
  const run = scope.database.in(tx);
  const { fromTime } = scope.database.dialect;
  const [row] = await run<{ issued_at: unknown; expires_at: unknown }>(
    'select max(access_issued_at) as issued_at, max(access_expires_at) as expires_at from session where user_id = ?',
    [userId],
  );
  const timeOf = (value: unknown): Date | undefined =>
    value === null || value === undefined ? undefined : fromTime(value);
  const notBefore = latest(scope.now(), timeOf(row?.issued_at));
  await run('update users set tokens_not_before = ? where id = ?', [notBefore, userId]);
  await revoke(scope, tx, { kind: 'sub', value: userId, notBefore, expiresAt: timeOf(row?.expires_at) });
}

interface NewRevocation {
  kind: RevocationKind;
  value: string;
  notBefore: Date | null;
  expiresAt: Date | undefined;
}

/** It may be forgotten once every token it speaks of has expired, also those that were issued with a longer life. */
async function revoke(scope: Scope, tx: Tx, { kind, value, notBefore, expiresAt }: NewRevocation): Promise<void> {
  const { database, settings, newId } = scope;
  const now = scope.now();
  const lastExpiry = latest(plusSeconds(now, settings.accessTokenTtlSeconds), expiresAt);
  await database.in(tx)(
    `insert into revocation (id, kind, value, not_before, created_at, forget_at, position)
     values (?, ?, ?, ?, ?, ?, ${database.dialect.writePosition('revocation')})`,
    [newId(), kind, value, notBefore, now, plusSeconds(lastExpiry, CLOCK_TOLERANCE_SECONDS)],
  );
}

function latest(time: Date, other: Date | undefined): Date {
  return other !== undefined && other > time ? other : time;
}
