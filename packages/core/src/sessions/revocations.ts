import type { Database } from '../database/index.ts';
import { plusSeconds, type Clock } from '../kernel/clock.ts';

/** Longer than any transaction lives: a row that committed late is still seen (ids and times are not commit-ordered). */
const OVERLAP_SECONDS = 60;

export interface TokenFacts {
  subject: string;
  sessionId?: string | undefined;
  /** `iat`, in seconds. */
  issuedAt: number;
}

/** The revocations that still matter, in memory: a token is checked without asking the database. */
export interface RevocationList {
  has(token: TokenFacts): boolean;
  /** Learns what is new and forgets what has expired. */
  refresh(): Promise<void>;
  readonly size: number;
}

interface Known {
  forgetAtMs: number;
  /** Tokens issued until this moment are revoked; absent: all. */
  notBeforeMs: number | undefined;
}

export function createRevocationList(database: Database, now: Clock): RevocationList {
  const known = new Map<string, Known>();
  let readUpTo: Date | undefined;

  const forget = (nowMs: number): void => {
    for (const [key, { forgetAtMs }] of known) if (forgetAtMs <= nowMs) known.delete(key);
  };
  return {
    has({ subject, sessionId, issuedAt }) {
      if (sessionId !== undefined && known.has(`sid:${sessionId}`)) return true;
      const all = known.get(`sub:${subject}`);
      return all !== undefined && issuedAt * 1000 <= (all.notBeforeMs ?? Infinity);
    },
    async refresh() {
      const startedAt = now();
      const since = readUpTo === undefined ? new Date(0) : plusSeconds(readUpTo, -OVERLAP_SECONDS);
      const rows = await database.read<RevocationRow>(
        'select kind, value, not_before, forget_at from revocation where created_at >= ? and forget_at > ?',
        [since, startedAt],
      );
      for (const row of rows) keep(known, row, database.dialect.fromTime);
      readUpTo = startedAt;
      forget(startedAt.getTime());
    },
    get size() {
      return known.size;
    },
  };
}

interface RevocationRow {
  kind: 'sid' | 'sub';
  value: string;
  not_before: unknown;
  forget_at: unknown;
}

function keep(known: Map<string, Known>, row: RevocationRow, fromTime: (value: unknown) => Date): void {
  const key = `${row.kind}:${row.value}`;
  const before = known.get(key);
  known.set(key, {
    forgetAtMs: Math.max(fromTime(row.forget_at).getTime(), before?.forgetAtMs ?? 0),
    notBeforeMs:
      row.not_before === null ? undefined : Math.max(fromTime(row.not_before).getTime(), before?.notBeforeMs ?? 0),
  });
}
