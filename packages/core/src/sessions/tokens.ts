import type { Statement } from '../database/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { fromJson } from '../kernel/json.ts';
import { sha256Hex } from '../kernel/secrets.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { issueAccessToken, type TokenSubject } from '../tokens/index.ts';
import { UserMissing } from '../users/index.ts';
import type { RevocationList } from './revocations.ts';
import type { Stamp } from './stamp.ts';

/** What a sign-in or a refresh gives. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** The access token's lifetime. */
  expiresInSeconds: number;
}

interface SubjectRow {
  email: string;
  email_verified: boolean | number;
  type: string | null;
  /** Null, as the permissions, when the user has no role. */
  role: string | null;
  permissions: unknown;
}

/** What an access token will say, read inside the transaction that stamped it; it is signed after the commit. */
export async function readSubject(
  { database }: Scope,
  tx: Tx,
  userId: string,
  session: { id: string; clientId: string; stamp: Stamp },
): Promise<TokenSubject> {
  const rows = await database.in(tx)<SubjectRow>(
    `select u.email, u.email_verified, u.type, r.name as role, r.permissions
     from users u left join user_role h on h.user_id = u.id left join role r on r.name = h.role_name
     where u.id = ?`,
    [userId],
  );
  const [user] = rows;
  if (user === undefined) throw new UserMissing(userId);
  const held = rows.flatMap(({ role, permissions }) =>
    role === null ? [] : [{ role, permissions: fromJson<string[]>(permissions) }],
  );
  return {
    user: {
      id: userId,
      email: user.email,
      emailVerified: Boolean(user.email_verified),
      type: user.type,
      roles: held.map(({ role }) => role).toSorted(),
    },
    permissions: [...new Set(held.flatMap(({ permissions }) => permissions))].toSorted(),
    clientId: session.clientId,
    sessionId: session.id,
    issuedAt: session.stamp.issuedAt.getTime() / 1000,
  };
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
