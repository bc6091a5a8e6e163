import { plusSeconds } from './kernel/clock.ts';
import type { Scope } from './scope.ts';

/** At most this many rows at once, so that a sweep never holds up anybody else. */
const ROWS_MAX = 1_000;
/** So many times at most: what comes in faster than 60,000 rows a minute waits for other processes. */
const ROUNDS_MAX = 60;
/** Long after the grace of a rotated token, and of a session that has ended. */
const DEAD_TOKEN_SECONDS = 24 * 60 * 60;
/** For whoever wants to see what was published. */
const PUBLISHED_KEPT_SECONDS = 7 * 24 * 60 * 60;

interface Forgettable {
  readonly table: string;
  readonly key: string;
  /** Which rows, with `?` for the time before which they may be forgotten. */
  readonly condition: string;
  /** The column whose index finds them. */
  readonly by: string;
  readonly keptSeconds: number;
}

const forgettable: readonly Forgettable[] = [
  { table: 'idempotency_record', key: 'scope', condition: 'expires_at <= ?', by: 'expires_at', keptSeconds: 0 },
  {
    table: 'revocation',
    key: 'id',
    // SQLite numbers new revocations from the newest, and a clock that lags may still ask for one that has just expired.
    condition: 'forget_at <= ? and position < (select max(position) from revocation)',
    by: 'forget_at',
    keptSeconds: DEAD_TOKEN_SECONDS,
  },
  {
    table: 'outbox_event',
    key: 'id',
    condition: 'published_at <= ?',
    by: 'published_at',
    keptSeconds: PUBLISHED_KEPT_SECONDS,
  },
  {
    table: 'refresh_token',
    key: 'hash',
    condition: 'session_id in (select id from session where ended_at <= ? or expires_at <= ? or idle_expires_at <= ?)',
    by: 'session_id',
    keptSeconds: DEAD_TOKEN_SECONDS,
  },
];

/**
 * Deletes what has served its time, 1,000 rows at once and 60,000 of each kind at most. Any number of processes may sweep.
 *
 * @returns how many rows were deleted
 */
export async function sweep(scope: Scope): Promise<number> {
  let deleted = 0;
  for (const kind of forgettable) {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const rows = await forgetSome(scope, kind);
      deleted += rows;
      if (rows < ROWS_MAX) break;
    }
  }
  return deleted;
}

async function forgetSome({ database, now }: Scope, { table, key, condition, by, keptSeconds }: Forgettable) {
  const before = plusSeconds(now(), -keptSeconds);
  const rows = await database.read(
    `delete from ${table} where ${key} in (
       select ${key} from ${table} where ${condition} order by ${by} limit ${ROWS_MAX}) returning ${key}`,
    condition
      .split('?')
      .slice(1)
      .map(() => before),
  );
  return rows.length;
}
