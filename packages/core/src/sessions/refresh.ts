import { recordAct } from '../audit/index.ts';
import { writeTogether } from '../database/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import { sha256Hex } from '../kernel/secrets.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import type { TokenSubject } from '../tokens/index.ts';
import { endSessions } from './end.ts';
import { InvalidRefreshToken } from './errors.ts';
import { findPresented, type Presented } from './presented.ts';
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
    const presented = await findPresented(scope, tx, sha256Hex(refreshToken));
    if (presented === undefined || !isAlive(presented, scope.now())) return undefined;
    const successors = successorsOf(scope, refreshToken);
    return presented.claimedAt === undefined
      ? claim(scope, tx, presented, successors[0])
      : handOutAgain(scope, tx, presented, { successors, claimedAt: presented.claimedAt });
  });
  if (outcome === undefined) throw new InvalidRefreshToken();
  return pairOf(scope, issuer, outcome.subject, outcome.successor);
}

interface Rotation {
  subject: TokenSubject;
  successor: string;
}

/** The successor of a token, and what it is where it was claimed under the previous SECRET_KEY. */
function successorsOf({ vault }: Scope, token: string): readonly [string, ...string[]] {
  const purpose = 'refresh-token-successor';
  const previous = vault.previousMac(purpose, token)?.toString('base64url');
  return [vault.mac(purpose, token).toString('base64url'), ...(previous === undefined ? [] : [previous])];
}

function isAlive({ ended, userStatus, idleExpiresAt, expiresAt }: Presented, now: Date): boolean {
  return !ended && userStatus === 'active' && now < idleExpiresAt && now < expiresAt;
}

/**
 * The first use: the token's row is ours alone, and the successor is there in the same commit. That nobody claims a token
 * twice is kept by the database as well: its successor has one name, and a hash is stored once.
 */
async function claim(scope: Scope, tx: Tx, presented: Presented, successor: string): Promise<Rotation> {
  const { dialect } = scope.database;
  const { hash, sessionId, stamp } = presented;
  const now = scope.now();
  const idleExpiresAt = plusSeconds(now, scope.settings.refreshTokenIdleSeconds);
  // Sent together: what is read was settled when the user's row was locked, and none of it is written here.
  const [subject] = await Promise.all([
    readSubject(scope, tx, presented.userId, { id: sessionId, clientId: presented.clientId, stamp }),
    writeTogether(dialect, scope.database.in(tx), [
      { sql: 'update refresh_token set claimed_at = ? where hash = ? and claimed_at is null', params: [now, hash] },
      refreshTokenStatement(scope, successor, sessionId, hash),
      {
        sql: `update session set last_used_at = ?, idle_expires_at = ?, access_issued_at = ?, access_expires_at = ?
              where id = ?`,
        params: [now, idleExpiresAt, stamp.issuedAt, stamp.expiresAt, sessionId],
      },
    ]),
  ]);
  return { subject, successor };
}

/** Used before, but a moment ago and with a successor that nobody has used yet: that one again. Else it was stolen. */
async function handOutAgain(
  scope: Scope,
  tx: Tx,
  presented: Presented,
  { successors, claimedAt }: { successors: readonly string[]; claimedAt: Date },
): Promise<Rotation | undefined> {
  const successor = await findUnused(scope, tx, successors, claimedAt);
  if (successor === undefined) return endFamily(scope, tx, presented);
  const { sessionId: id, clientId, stamp } = presented;
  await scope.database.in(tx)('update session set access_issued_at = ?, access_expires_at = ? where id = ?', [
    stamp.issuedAt,
    stamp.expiresAt,
    id,
  ]);
  return { subject: await readSubject(scope, tx, presented.userId, { id, clientId, stamp }), successor };
}

async function findUnused(
  scope: Scope,
  tx: Tx,
  successors: readonly string[],
  claimedAt: Date,
): Promise<string | undefined> {
  // Either way: a clock that is set back does not make the grace longer.
  if (Math.abs(scope.now().getTime() - claimedAt.getTime()) > REFRESH_GRACE_SECONDS * 1000) return undefined;
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
