import type { Database } from '../database/index.ts';
import { plusSeconds, type Clock } from '../kernel/clock.ts';
import type { RevocationKind } from './entities.ts';
import { forgetting, type Forgetting, type Kept } from './forgetting.ts';

/** A clock that is set while we run: more than the drift between a wall clock and a steady one explains. */
const JUMP_MS = 5_000;
/** Rows that other processes write are taken as they come, also from one whose clock is an hour behind. */
const SKEW_SECONDS = 2 * 60 * 60;

export interface TokenFacts {
  subject: string;
  sessionId?: string | undefined;
  /** `jti` */
  tokenId?: string | undefined;
  /** `iat`, in seconds. */
  issuedAt: number;
}

interface Revocation {
  readonly kind: RevocationKind;
  readonly value: string;
  /** Tokens issued until this moment are revoked; absent: all. */
  readonly notBeforeMs: number | undefined;
  /** When it was written, among all others. */
  readonly position: number;
}

/** What this process knows: the same object until it knows something else. */
export interface Knowledge {
  /** Every revocation below this position is known here, or so old that it was forgotten. */
  readonly settled: number;
  /** Oldest first, each with the moment of the steady clock until which it matters. */
  readonly revocations: readonly Kept<Revocation>[];
}

/** The revocations that still matter, in memory: a token is checked without asking the database. */
export interface RevocationList {
  has(token: TokenFacts): boolean;
  /** Learns what is new and forgets what has expired. @throws DatabaseUnavailable */
  refresh(): Promise<void>;
  /** How long ago the database was last asked. */
  ageMs(): number;
  known(): Knowledge;
}

export interface RevocationSource {
  readonly database: Database;
  readonly now: Clock;
  /** Milliseconds on a clock that nobody can set. */
  readonly elapsedMs: () => number;
}

/**
 * A list that follows the table by position, so no clock decides what it learns; and it forgets by a steady clock, so
 * that no jump of the time of day revives a token.
 */
export function createRevocationList(source: RevocationSource): RevocationList {
  const { database, now, elapsedMs } = source;
  const revoked = forgetting<Revocation>(elapsedMs);
  let readBelow = 0;
  let settled = 0;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let clockOffsetMs = 0;
  let knowledge: Knowledge | undefined;

  const look = async (from: number): Promise<number> => {
    const knownSince = from === 0 ? now() : plusSeconds(now(), -SKEW_SECONDS);
    const stretch = await readStretch(database, from, knownSince);
    for (const { revocation, lifetimeMs } of stretch.found) learn(revoked, revocation, lifetimeMs);
    if (stretch.found.length > 0 || stretch.settled !== settled) knowledge = undefined;
    settled = stretch.settled;
    return stretch.horizon;
  };
  return {
    has({ subject, sessionId, tokenId, issuedAt }) {
      if (sessionId !== undefined && revoked.get(`sid:${sessionId}`) !== undefined) return true;
      if (tokenId !== undefined && revoked.get(`jti:${tokenId}`) !== undefined) return true;
      const all = revoked.get(`sub:${subject}`);
      return all !== undefined && issuedAt * 1000 <= (all.notBeforeMs ?? Infinity);
    },
    async refresh() {
      const startedMs = elapsedMs();
      const offsetMs = now().getTime() - startedMs;
      // While the clock was ahead, rows seemed expired that are not: everything is read again.
      const jumped = Math.abs(offsetMs - clockOffsetMs) > JUMP_MS;
      const horizon = await look(jumped ? 0 : readBelow);
      // A database that has gone back was restored from a copy: its numbers say nothing about ours.
      readBelow = horizon < readBelow ? await look(0) : horizon;
      clockOffsetMs = offsetMs;
      readAtMs = startedMs;
      if (revoked.forget() > 0) knowledge = undefined;
    },
    ageMs: () => elapsedMs() - readAtMs,
    known: () =>
      (knowledge ??= {
        settled,
        revocations: revoked.entries().toSorted((one, other) => one.position - other.position),
      }),
  };
}

/** A user's second revocation reaches further than the first. */
function learn(revoked: Forgetting<Revocation>, revocation: Revocation, lifetimeMs: number): void {
  const key = `${revocation.kind}:${revocation.value}`;
  const before = revoked.get(key);
  const notBeforeMs = revocation.notBeforeMs && Math.max(revocation.notBeforeMs, before?.notBeforeMs ?? 0);
  const position = Math.max(revocation.position, before?.position ?? 0);
  revoked.set(key, { ...revocation, notBeforeMs, position }, lifetimeMs);
}

interface Stretch {
  /** No row below it is still to come. */
  horizon: number;
  /** One above the last row below the horizon: it only moves when something is revoked. */
  settled: number;
  found: { revocation: Revocation; lifetimeMs: number }[];
}

interface StretchRow {
  horizon: string | number;
  last: string | number | null;
  kind: RevocationKind | null;
  value: string;
  not_before: unknown;
  created_at: unknown;
  forget_at: unknown;
  position: string | number;
}

/** In one statement, so that the horizon and the rows are of one moment. */
async function readStretch({ read, dialect }: Database, from: number, knownSince: Date): Promise<Stretch> {
  const rows = await read<StretchRow>(
    `with at as (select ${dialect.settledPosition('revocation')} as horizon)
     select at.horizon, (select max(position) from revocation where position < at.horizon) as last,
       r.kind, r.value, r.not_before, r.created_at, r.forget_at, r.position
     from at left join revocation r on r.position >= ? and r.forget_at > ?`,
    [from, knownSince],
  );
  const timeMs = (value: unknown): number => dialect.fromTime(value).getTime();
  const found = rows.flatMap(({ kind, value, position, ...row }) => {
    if (kind === null) return [];
    const notBeforeMs = row.not_before === null ? undefined : timeMs(row.not_before);
    const lifetimeMs = timeMs(row.forget_at) - timeMs(row.created_at);
    return [{ revocation: { kind, value, notBeforeMs, position: Number(position) }, lifetimeMs }];
  });
  return { horizon: Number(rows[0]?.horizon ?? 0), settled: Number(rows[0]?.last ?? 0) + 1, found };
}
