import { actStatement, recordAct } from '../audit/index.ts';
import {
  findClaimant,
  hashPassword,
  InvalidCredentials,
  isOutdated,
  storePasswordHash,
  verifyPassword,
} from '../credentials/index.ts';
import { writeTogether, type Statement } from '../database/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import { randomToken } from '../kernel/secrets.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { emailKey } from '../users/index.ts';
import { stampToken, type Stamp } from './stamp.ts';
import { refreshTokenStatement, pairOf, readSubject, type Issuer, type TokenPair } from './tokens.ts';

/** The client of a sign-in at our own API. */
export const FIRST_PARTY_CLIENT = 'users-service';

/**
 * Signs a user in: a new session, its first refresh token, and an access token. Every failure is the same, and
 * takes the same time.
 *
 * @throws InvalidCredentials
 * @throws Overloaded when more passwords are waiting than can be checked in two seconds
 */
export async function login(
  scope: Scope,
  issuer: Issuer,
  input: { email: string; password: string },
): Promise<TokenPair> {
  const key = emailKey(input.email).slice(0, 320);
  const claimant = await findClaimant(scope, key);
  const fits = await verifyPassword(scope, claimant?.passwordHash, input.password);
  if (claimant === undefined || !fits) return refuse(scope, claimant?.userId, key);
  const outdated = claimant.passwordHash !== undefined && isOutdated(claimant.passwordHash, scope.settings);
  const rehashed = outdated ? await hashPassword(scope, input.password) : undefined;

  const refreshToken = randomToken();
  const subject = await transact(scope, async (tx) => {
    const sessionId = scope.newId();
    const acting = { actor: `user:${claimant.userId}`, target: `user:${claimant.userId}` };
    if (!(await noteSignIn(scope, tx, claimant.userId))) return undefined;
    if (rehashed !== undefined) await storePasswordHash(scope, tx, claimant.userId, rehashed);
    const stamp = await stampToken(scope, tx, claimant.userId);
    await writeTogether(scope.database.dialect, scope.database.in(tx), [
      sessionStatement(scope, sessionId, claimant.userId, stamp),
      refreshTokenStatement(scope, refreshToken, sessionId, null),
      actStatement(scope, { action: 'auth.signed_in', ...acting, sessionId }),
    ]);
    return readSubject(scope, tx, claimant.userId, { id: sessionId, clientId: FIRST_PARTY_CLIENT, stamp });
  });
  return subject === undefined ? refuse(scope, claimant.userId, key) : pairOf(scope, issuer, subject, refreshToken);
}

/** Only an active user signs in; being deactivated at the same moment wins. */
async function noteSignIn(scope: Scope, tx: Tx, userId: string): Promise<boolean> {
  const rows = await scope.database.in(tx)(
    `update users set last_login_at = ? where id = ? and status = 'active' returning id`,
    [scope.now(), userId],
  );
  return rows.length === 1;
}

function sessionStatement(
  { context, settings, now: clock }: Scope,
  sessionId: string,
  userId: string,
  stamp: Stamp,
): Statement {
  const now = clock();
  return {
    sql: `insert into session (id, user_id, client_id, device, address, created_at, last_used_at, idle_expires_at, expires_at,
       access_issued_at, access_expires_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      sessionId,
      userId,
      FIRST_PARTY_CLIENT,
      (context.device ?? '').slice(0, 300),
      (context.address ?? '').slice(0, 100),
      now,
      now,
      plusSeconds(now, settings.refreshTokenIdleSeconds),
      plusSeconds(now, settings.refreshTokenAbsoluteSeconds),
      stamp.issuedAt,
      stamp.expiresAt,
    ],
  };
}

/** Leaves a trace of the attempt, with the address only as a keyed hash when nobody has it. @throws InvalidCredentials always */
async function refuse(scope: Scope, userId: string | undefined, key: string): Promise<never> {
  const target =
    userId === undefined ? `email_hmac:${scope.vault.mac('audit-email', key).toString('hex')}` : `user:${userId}`;
  await transact({ ...scope, context: {} }, (tx) => recordAct(scope, tx, { action: 'auth.sign_in_failed', target }));
  throw new InvalidCredentials();
}
