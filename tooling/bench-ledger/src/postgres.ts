import { openCore, Secret } from '@org/core';
import { startTestPostgres } from '@org/test-postgres';
import pg from 'pg';

import { bareLimits } from './bare.ts';
import { fund, measureSpends } from './engine.ts';
import type { Rate } from './load.ts';
import { measureMemory, type MemoryResult } from './memory.ts';
import { populatePostgres } from './population.ts';

export interface PostgresResult {
  readonly hotRow: Rate;
  readonly insert: Rate;
  readonly one: Rate;
  readonly hot: Rate;
  readonly spread: readonly { readonly accounts: number; readonly bare: Rate; readonly engine: Rate }[];
  readonly bytesPerPosting: number;
  readonly memory: MemoryResult | undefined;
}

/** All of it on one server of our own with `fsync` on, in one run: the ratios mean something, the numbers depend on the disk. */
export async function measurePostgres(seconds: number, memoryPostings: number): Promise<PostgresResult> {
  const postgres = await startTestPostgres({ fsync: 'on' });
  try {
    const bare = await bareLimits(await postgres.createDatabase('bare'), seconds);
    const url = await postgres.createDatabase('ledger');
    await using core = await openCore({
      databaseUrl: url,
      secretKey: new Secret('a secret of the benchmark, of no use elsewhere'),
    });
    const [hotUser = ''] = await populatePostgres(url, 1);
    await fund(core, [hotUser]);
    const one = await measureSpends(core, [hotUser], { callers: 1, seconds });
    const hot = await measureSpends(core, [hotUser], { callers: 256, seconds });
    const bytesPerPosting = await bytesOfPosting(url);
    const spread = [];
    for (const accounts of [1_000, 100_000]) {
      const userIds = await populatePostgres(url, accounts);
      await fund(core, userIds);
      spread.push({
        accounts,
        bare: await bare.transactions(accounts),
        engine: await measureSpends(core, userIds, { callers: 256, seconds }),
      });
    }
    await bare.close();
    const memory = memoryPostings === 0 ? undefined : await measureMemory(core, [hotUser], memoryPostings);
    return { hotRow: bare.hotRow, insert: bare.insert, one, hot, spread, bytesPerPosting, memory };
  } finally {
    await postgres.close();
  }
}

/** Everything that a posting leaves behind, its indexes included. */
async function bytesOfPosting(url: string): Promise<number> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ bytes: string; postings: string }>(
    `select sum(pg_total_relation_size(t::regclass)) as bytes, (select count(*) from credit_entry) as postings
     from unnest(array['credit_entry', 'credit_refundable', 'credit_lot', 'audit_entry', 'outbox_event']) t`,
  );
  await client.end();
  return Number(rows[0]?.bytes) / Number(rows[0]?.postings);
}
