import { plusSeconds } from './kernel/clock.ts';
import type { Scope } from './scope.ts';

/** A sweep takes at most this many rows of a table, so that it never holds up anybody else. */
const ROWS_MAX = 1_000;
/** Long after the grace of a rotated token, and of a session that has ended. */
const DEAD_TOKEN_SECONDS = 24 * 60 * 60;

/** For whoever wants to see what was published. */
const PUBLISHED_KEPT_SECONDS = 7 * 24 * 60 * 60;

/** What may be forgotten: the table, its key, and which rows. */
const forgettable = [
  ['idempotency_record', 'scope', 'expires_at <= ?', 0],
  // SQLite numbers new revocations from the newest, and a clock that lags may still ask for one that has just expired.
  ['revocation', 'id', 'forget_at <= ? and position < (select max(position) from revocation)', -DEAD_TOKEN_SECONDS],
  ['outbox_event', 'id', 'published_at <= ?', -PUBLISHED_KEPT_SECONDS],
  [
    'refresh_token',
    'hash',
    'session_id in (select id from session where ended_at <= ? or expires_at <= ? or idle_expires_at <= ?)',
    -DEAD_TOKEN_SECONDS,
  ],
] as const;

/**
 * Deletes what has served its time, a bounded number of rows of each kind. Any number of processes may sweep.
 *
 * @returns how many rows were deleted
 */
export async function sweep({ database, now }: Scope): Promise<number> {
  let deleted = 0;
  for (const [table, key, condition, offsetSeconds] of forgettable) {
    const before = plusSeconds(now(), offsetSeconds);
    const rows = await database.read(
      `delete from ${table} where ${key} in (select ${key} from ${table} where ${condition} limit ${ROWS_MAX}) returning ${key}`,
      condition
        .split('?')
        .slice(1)
        .map(() => before),
    );
    deleted += rows.length;
  }
  return deleted;
}
