import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openCore, Secret } from '@org/core';

import { fund, measureSpends } from './engine.ts';
import { measure, type Rate } from './load.ts';
import { populate } from './population.ts';

export interface SqliteResult {
  readonly insert: Rate;
  readonly one: Rate;
  readonly hot: Rate;
  readonly spread: Rate;
  readonly bytesPerPosting: number;
}

/** A file in WAL mode with synchronous = FULL: a commit that was answered is on the disk. */
export async function measureSqlite(seconds: number): Promise<SqliteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-ledger-'));
  try {
    const insert = await bareInsert(join(folder, 'bare.sqlite'), seconds);
    const path = join(folder, 'ledger.sqlite');
    await using core = await openCore({
      databaseUrl: `sqlite:${path}`,
      secretKey: new Secret('a secret of the benchmark, of no use elsewhere'),
    });
    const userIds = await populate(core, 1_000);
    await fund(core, userIds);
    const before = statSync(path).size;
    const one = await measureSpends(core, userIds.slice(0, 1), { callers: 1, seconds });
    const hot = await measureSpends(core, userIds.slice(0, 1), { callers: 256, seconds });
    const spread = await measureSpends(core, userIds, { callers: 256, seconds });
    return { insert, one, hot, spread, bytesPerPosting: (statSync(path).size - before) / postingsIn(path) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function postingsIn(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare('select count(*) as postings from credit_entry').get();
  database.close();
  return Number(row?.['postings']);
}

async function bareInsert(path: string, seconds: number): Promise<Rate> {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  database.exec(
    'create table bare_entry (id integer primary key, head int not null, amount bigint not null, note text)',
  );
  const insert = database.prepare('insert into bare_entry (head, amount, note) values (?, ?, ?)');
  const rate = await measure(1, seconds, async () => insert.run(0, 1, 'a note of forty characters, as is usual..'));
  database.close();
  return rate;
}
