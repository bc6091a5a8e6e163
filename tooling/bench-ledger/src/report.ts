import { cpus } from 'node:os';

import type { Rate } from './load.ts';
import type { MemoryResult } from './memory.ts';
import type { PostgresResult } from './postgres.ts';
import type { SqliteResult } from './sqlite.ts';

export interface Result {
  readonly postgres: PostgresResult | undefined;
  readonly sqlite: SqliteResult | undefined;
}

type Row = readonly [what: string, ours: string, limit: string, ratio: string, target: string];

const HEADINGS: Row = ['', 'engine', 'bare limit, same run', 'ratio', 'target'];

/** The tables of one run, in Markdown. */
export function markdown({ postgres, sqlite }: Result): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.versions.node}.`;
  return [machine, ...(postgres ? postgresTable(postgres) : []), ...(sqlite ? sqliteTable(sqlite) : [])].join('\n\n');
}

function postgresTable({ hotRow, insert, one, hot, spread, bytesPerPosting, memory }: PostgresResult): string[] {
  const rows: Row[] = [
    [
      'one hot account, 256 callers',
      rate(hot),
      `${rate(hotRow)} (one row updated per commit)`,
      over(hot, hotRow),
      '≥ 10, ≥ 20,000/s',
    ],
    [
      'one caller, p50',
      ms(one),
      `${ms(insert)} (one insert per commit)`,
      (one.p50Ms / insert.p50Ms).toFixed(2),
      '≤ 1.3',
    ],
    ...spread.map(({ accounts, bare, engine }): Row => [
      `${accounts.toLocaleString('en')} accounts (Zipf), 256 callers`,
      rate(engine),
      `${rate(bare)} (an insert and an update per commit)`,
      over(engine, bare),
      '≥ 1',
    ]),
  ];
  return [
    '**PostgreSQL**, `fsync=on`',
    table(rows),
    `${Math.round(bytesPerPosting)} bytes for each posting, indexes included.`,
    ...memoryLine(memory),
  ];
}

function sqliteTable({ insert, one, hot, spread, bytesPerPosting }: SqliteResult): string[] {
  const rows: Row[] = [
    [
      'one hot account, 256 callers',
      rate(hot),
      `${rate(insert)} (one insert per commit)`,
      over(hot, insert),
      '≥ 20,000/s',
    ],
    ['1,000 accounts (Zipf), 256 callers', rate(spread), rate(insert), over(spread, insert), ''],
    ['one caller, p50', ms(one), ms(insert), (one.p50Ms / insert.p50Ms).toFixed(2), ''],
  ];
  return [
    '**SQLite**, WAL, `synchronous=FULL`',
    table(rows),
    `${Math.round(bytesPerPosting)} bytes for each posting, indexes included.`,
  ];
}

function memoryLine(memory: MemoryResult | undefined): string[] {
  if (memory === undefined) return [];
  const { postings, heapBeforeBytes, heapAfterBytes } = memory;
  return [
    `Heap before and after ${postings.toLocaleString('en')} postings: ${mib(heapBeforeBytes)} and ${mib(heapAfterBytes)} MiB.`,
  ];
}

function table(rows: readonly Row[]): string {
  return [HEADINGS, HEADINGS.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const rate = ({ perSecond }: Rate): string => `${Math.round(perSecond).toLocaleString('en')}/s`;
const ms = ({ p50Ms }: Rate): string => `${p50Ms.toFixed(2)} ms`;
const over = (ours: Rate, limit: Rate): string => (ours.perSecond / limit.perSecond).toFixed(1);
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
