import type { Statement } from '../database/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { sha256Hex } from '../kernel/secrets.ts';
import type { Tx } from '../kernel/transaction.ts';
import { permissionsOf } from '../roles/index.ts';
import type { Scope } from '../scope.ts';
import { issueAccessToken, type TokenSubject } from '../tokens/index.ts';
import { getUserIn } from '../users/index.ts';
import type { RevocationList } from './revocations.ts';
import type { Stamp } from './stamp.ts';

/** What a sign-in or a refresh gives. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** The access token's lifetime. */
  expiresInSeconds: number;
}

/** What an access token will say, read inside the transaction that stamped it; it is signed after the commit. */
export async function readSubject(
  scope: Scope,
  tx: Tx,
  userId: string,
  session: { id: string; clientId: string; stamp: Stamp },
): Promise<TokenSubject> {
  const [user, permissions] = await Promise.all([getUserIn(scope, tx, userId), permissionsOf(scope, tx, userId)]);
  const issuedAt = session.stamp.issuedAt.getTime() / 1000;
  return { user, permissions, clientId: session.clientId, sessionId: session.id, issuedAt };
}

/** What signing needs and is kept in memory. */
export interface Issuer {
  readonly keys: KeyRing;
  readonly revocations: RevocationList;
}

export function pairOf(scope: Scope, issuer: Issuer, subject: TokenSubject, refreshToken: string): TokenPair {
  const { token, expiresInSeconds } = issueAccessToken(scope, issuer.keys, subject);
  return { accessToken: token, refreshToken, expiresInSeconds };
}

/** Stores a refresh token by its hash only. */
export function refreshTokenStatement(
  scope: Scope,
  token: string,
  sessionId: string,
  parentHash: string | null,
): Statement {
  return {
    sql: 'insert into refresh_token (hash, session_id, parent_hash, created_at) values (?, ?, ?, ?)',
    params: [sha256Hex(token), sessionId, parentHash, scope.now()],
  };
}
