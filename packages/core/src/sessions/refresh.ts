import { recordAct } from '../audit/index.ts';
import { writeTogether } from '../database/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import { sha256Hex } from '../kernel/secrets.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { endSessions } from './end.ts';
import { InvalidRefreshToken } from './errors.ts';
import { stampToken, type Stamp } from './stamp.ts';
import { refreshTokenStatement, pairOf, readSubject, type Issuer, type TokenPair } from './tokens.ts';

/** How long the immediate parent still gets the same successor: two tabs, or an answer that was lost on the way. */
export const REFRESH_GRACE_SECONDS = 30;
const REFRESH_TOKEN_LENGTH_MAX = 200;

/**
 * Rotates a refresh token (RFC 9700, section 4.14.2). The successor is derived from its parent, so callers that
 * race get one and the same. A token used again after its grace, or after its successor was used, was stolen from
 * somebody: the whole family ends.
 *
 * @throws InvalidRefreshToken
 */
export async function refresh(
  scope: Scope,
  issuer: Issuer,
  { refreshToken }: { refreshToken: string },
): Promise<TokenPair> {
  if (refreshToken.length > REFRESH_TOKEN_LENGTH_MAX) throw new InvalidRefreshToken();
  const outcome = await transact(scope, async (tx) => {
    const owner = await findOwner(scope, tx, refreshToken);
    if (owner === undefined) return undefined;
    // The user's row first, as whoever changes a user locks it, so that the two never wait for each other.
    const stamp = await stampToken(scope, tx, owner);
    const presented = await findPresented(scope, tx, refreshToken);
    if (presented === undefined || !isAlive(presented, scope.now())) return undefined;
    const successors = successorsOf(scope, refreshToken);
    const successor =
      (await claim(scope, tx, presented, successors)) ?? (await handedOut(scope, tx, presented, successors));
    if (successor === undefined) return endFamily(scope, tx, presented);
    await noteStamp(scope, tx, presented.sessionId, stamp);
    const session = { id: presented.sessionId, clientId: presented.clientId, stamp };
    return { subject: await readSubject(scope, tx, presented.userId, session), successor };
  });
  if (outcome === undefined) throw new InvalidRefreshToken();
  return pairOf(scope, issuer, outcome.subject, outcome.successor);
}

/** The successor of a token, and what it is where it was claimed under the previous SECRET_KEY. */
function successorsOf({ vault }: Scope, token: string): readonly [string, ...string[]] {
  const purpose = 'refresh-token-successor';
  const previous = vault.previousMac(purpose, token)?.toString('base64url');
  return [vault.mac(purpose, token).toString('base64url'), ...(previous === undefined ? [] : [previous])];
}

interface Presented {
  hash: string;
  claimedAt: Date | undefined;
  sessionId: string;
  clientId: string;
  userId: string;
  ended: boolean;
  userStatus: string;
  idleExpiresAt: Date;
  expiresAt: Date;
}

async function findOwner({ database }: Scope, tx: Tx, token: string): Promise<string | undefined> {
  const [row] = await database.in(tx)<{ user_id: string }>(
    'select s.user_id from refresh_token t join session s on s.id = t.session_id where t.hash = ?',
    [sha256Hex(token)],
  );
  return row?.user_id;
}

async function noteStamp({ database }: Scope, tx: Tx, sessionId: string, stamp: Stamp): Promise<void> {
  await database.in(tx)('update session set access_issued_at = ?, access_expires_at = ? where id = ?', [
    stamp.issuedAt,
    stamp.expiresAt,
    sessionId,
  ]);
}

async function findPresented(scope: Scope, tx: Tx, token: string): Promise<Presented | undefined> {
  const { fromTime, forUpdate } = scope.database.dialect;
  const hash = sha256Hex(token);
  const [row] = await scope.database.in(tx)<Record<string, string | null>>(
    `select t.claimed_at, s.id as session_id, s.client_id, s.user_id, s.ended_at, s.idle_expires_at, s.expires_at, u.status
     from refresh_token t join session s on s.id = t.session_id join users u on u.id = s.user_id
     where t.hash = ?${forUpdate && `${forUpdate} of t, s`}`,
    [hash],
  );
  if (row === undefined) return undefined;
  return {
    hash,
    claimedAt: row['claimed_at'] === null ? undefined : fromTime(row['claimed_at']),
    sessionId: String(row['session_id']),
    clientId: String(row['client_id']),
    userId: String(row['user_id']),
    ended: row['ended_at'] !== null,
    userStatus: String(row['status']),
    idleExpiresAt: fromTime(row['idle_expires_at']),
    expiresAt: fromTime(row['expires_at']),
  };
}

function isAlive({ ended, userStatus, idleExpiresAt, expiresAt }: Presented, now: Date): boolean {
  return !ended && userStatus === 'active' && now < idleExpiresAt && now < expiresAt;
}

/** The first use: one conditional statement decides who it is, and the successor is there in the same commit. */
async function claim(
  scope: Scope,
  tx: Tx,
  presented: Presented,
  [successor]: readonly [string, ...string[]],
): Promise<string | undefined> {
  const run = scope.database.in(tx);
  const claimed = await run(
    'update refresh_token set claimed_at = ? where hash = ? and claimed_at is null returning hash',
    [scope.now(), presented.hash],
  );
  if (claimed.length === 0) return undefined;
  const idleExpiresAt = plusSeconds(scope.now(), scope.settings.refreshTokenIdleSeconds);
  await writeTogether(scope.database.dialect, run, [
    refreshTokenStatement(scope, successor, presented.sessionId, presented.hash),
    {
      sql: 'update session set last_used_at = ?, idle_expires_at = ? where id = ?',
      params: [scope.now(), idleExpiresAt, presented.sessionId],
    },
  ]);
  return successor;
}

/** Used before, but a moment ago and with a successor that nobody has used yet: that one again. */
async function handedOut(
  scope: Scope,
  tx: Tx,
  { claimedAt }: Presented,
  successors: readonly string[],
): Promise<string | undefined> {
  // Either way: a clock that is set back does not make the grace longer.
  const agoMs = claimedAt === undefined ? Infinity : Math.abs(scope.now().getTime() - claimedAt.getTime());
  if (agoMs > REFRESH_GRACE_SECONDS * 1000) return undefined;
  for (const successor of successors) {
    const unused = await scope.database.in(tx)('select 1 from refresh_token where hash = ? and claimed_at is null', [
      sha256Hex(successor),
    ]);
    if (unused.length === 1) return successor;
  }
  return undefined;
}

async function endFamily(scope: Scope, tx: Tx, { sessionId, userId }: Presented): Promise<undefined> {
  await endSessions(scope, tx, { sessionId }, 'reuse');
  const act = { actor: `user:${userId}`, target: `session:${sessionId}`, sessionId };
  await recordAct(scope, tx, { action: 'session.refresh_token_reused', ...act });
  await publish(scope, tx, {
    type: 'session.ended',
    orderKey: `user:${userId}`,
    payload: { session_id: sessionId, user_id: userId, reason: 'reuse' },
  });
}
