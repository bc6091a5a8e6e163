import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { stampAfter, type Stamp } from './stamp.ts';

/** A refresh token that somebody presents, with its session and user as they are until the transaction ends. */
export interface Presented {
  hash: string;
  claimedAt: Date | undefined;
  sessionId: string;
  clientId: string;
  userId: string;
  ended: boolean;
  userStatus: string;
  idleExpiresAt: Date;
  expiresAt: Date;
  /** What the next access token is dated. */
  stamp: Stamp;
}

interface PresentedRow {
  claimed_at: unknown;
  session_id: string;
  client_id: string;
  user_id: string;
  ended_at: unknown;
  idle_expires_at: unknown;
  expires_at: unknown;
  status: string;
  tokens_not_before: unknown;
}

/**
 * Reads and locks in one statement: the user's row first, as whoever changes a user locks it, so that the two never wait
 * for each other; PostgreSQL locks in the order that the clauses are written in. A row that was waited for is read anew.
 */
export async function findPresented(scope: Scope, tx: Tx, hash: string): Promise<Presented | undefined> {
  const { fromTime, forShare, forUpdate } = scope.database.dialect;
  const locks = forUpdate && `${forShare} of u${forUpdate} of t, s`;
  const [row] = await scope.database.in(tx)<PresentedRow>(
    `select t.claimed_at, s.id as session_id, s.client_id, s.user_id, s.ended_at, s.idle_expires_at, s.expires_at,
       u.status, u.tokens_not_before
     from users u join session s on s.user_id = u.id join refresh_token t on t.session_id = s.id
     where t.hash = ?${locks}`,
    [hash],
  );
  if (row === undefined) return undefined;
  return {
    hash,
    claimedAt: row.claimed_at === null ? undefined : fromTime(row.claimed_at),
    sessionId: row.session_id,
    clientId: row.client_id,
    userId: row.user_id,
    ended: row.ended_at !== null,
    userStatus: row.status,
    idleExpiresAt: fromTime(row.idle_expires_at),
    expiresAt: fromTime(row.expires_at),
    stamp: stampAfter(scope, row.tokens_not_before),
  };
}
