import type { Dialect, SqlValue } from '../database/index.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { parseLimit, type Stretch } from '../kernel/page.ts';
import type { Scope } from '../scope.ts';
import { getUser } from '../users/index.ts';
import type { SessionEnd } from './entities.ts';

/** A session as its user and admins see it. */
export interface SessionView {
  id: string;
  clientId: string;
  /** The user agent that signed in. */
  device: string;
  /** The network address that it signed in from. */
  address: string;
  createdAt: Date;
  lastUsedAt: Date;
  /** When it ends if it is not used again before. */
  expiresAt: Date;
  endedAt: Date | null;
  endReason: SessionEnd | 'expired' | null;
  /** Whether it is the session of whoever asks. */
  current: boolean;
}

export interface SessionFilter {
  userId: string;
  /** Only those that go on, or only those that have ended; all unless told. */
  active?: boolean | undefined;
  /** `nextCursor` of the stretch before. */
  cursor?: string | undefined;
  /** 1 to 100; 20 unless told. */
  limit?: number | undefined;
}

/**
 * A user's sessions, newest first: those that go on, and how the others ended.
 *
 * @throws InvalidInput naming the field at fault
 * @throws UserMissing
 */
export async function listSessions(scope: Scope, filter: SessionFilter): Promise<Stretch<SessionView>> {
  const { database, context } = scope;
  const limit = parseLimit(filter.limit);
  const now = scope.now();
  const { where, params } = conditions(filter, now);
  // One more than asked for tells whether there is a next stretch.
  const rows = await database.read<SessionRow>(`select * from session where ${where} order by id desc limit ?`, [
    ...params,
    limit + 1,
  ]);
  if (rows.length === 0) await getUser(scope, { id: filter.userId });
  const views = rows.slice(0, limit).map((row) => viewOf(row, database.dialect, now));
  return {
    data: views.map((view) => ({ ...view, current: view.id === context.sessionId })),
    limit,
    nextCursor: rows.length > limit ? (views.at(-1)?.id ?? null) : null,
  };
}

function conditions({ userId, active, cursor }: SessionFilter, now: Date): { where: string; params: SqlValue[] } {
  requireValid(
    checkId('userId', userId),
    cursor === undefined || checkId('cursor', cursor) === undefined
      ? undefined
      : { field: 'cursor', code: 'unknown', message: 'must be the next_cursor of an earlier answer' },
  );
  const goesOn = 'ended_at is null and idle_expires_at > ? and expires_at > ?';
  const chosen: [sql: string, ...values: SqlValue[]][] = [['user_id = ?', userId]];
  if (cursor !== undefined) chosen.push(['id < ?', cursor]);
  if (active !== undefined) chosen.push([active ? goesOn : `not (${goesOn})`, now, now]);
  return { where: chosen.map(([sql]) => sql).join(' and '), params: chosen.flatMap(([, ...values]) => values) };
}

interface SessionRow {
  id: string;
  client_id: string;
  device: string;
  address: string;
  created_at: unknown;
  last_used_at: unknown;
  idle_expires_at: unknown;
  expires_at: unknown;
  ended_at: unknown;
  end_reason: SessionEnd | null;
}

function viewOf(row: SessionRow, { fromTime }: Dialect, now: Date): Omit<SessionView, 'current'> {
  const expiresAt = new Date(Math.min(fromTime(row.idle_expires_at).getTime(), fromTime(row.expires_at).getTime()));
  const ended = row.ended_at === null ? undefined : { endedAt: fromTime(row.ended_at), endReason: row.end_reason };
  // Nobody writes down that a session was not used any more.
  const expired = expiresAt <= now ? { endedAt: expiresAt, endReason: 'expired' as const } : undefined;
  return {
    id: row.id,
    clientId: row.client_id,
    device: row.device,
    address: row.address,
    createdAt: fromTime(row.created_at),
    lastUsedAt: fromTime(row.last_used_at),
    expiresAt,
    ...(ended ?? expired ?? { endedAt: null, endReason: null }),
  };
}
