import pg from 'pg';

import { measure, zipf, type Rate } from './load.ts';

const CONNECTIONS = 16;

/** What the database does without a ledger: tables with one index, no trigger, no audit, no event. */
export interface BareLimits {
  /** `update … returning` of one row by one connection, and by many: the better of the two. */
  readonly hotRow: Rate;
  /** One caller, one INSERT for each commit. */
  readonly insert: Rate;
  /** 256 callers, one INSERT and one UPDATE in each transaction. */
  readonly transactions: (accounts: number) => Promise<Rate>;
  close(): Promise<void>;
}

export async function bareLimits(url: string, seconds: number): Promise<BareLimits> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  pool.on('error', () => undefined);
  await pool.query('create table bare_head (id int primary key, balance bigint not null) with (fillfactor = 50)');
  await pool.query(
    'create table bare_entry (id bigint generated always as identity primary key, head int not null, amount bigint not null, note text)',
  );
  await pool.query('insert into bare_head select n, 0 from generate_series(0, 99999) n');
  await pool.query('vacuum analyze bare_head');
  const bump = { name: 'bump', text: 'update bare_head set balance = balance + $1 where id = $2 returning balance' };
  const insert = { name: 'insert', text: 'insert into bare_entry (head, amount, note) values ($1, $2, $3)' };
  const alone = await measure(1, seconds, () => pool.query({ ...bump, values: [1, 0] }));
  const together = await measure(CONNECTIONS, seconds, () => pool.query({ ...bump, values: [1, 0] }));
  const note = 'a note of forty characters, as is usual..';
  const transact = async (head: number): Promise<void> => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query({ ...insert, values: [head, 1, note] });
    await client.query({ ...bump, values: [1, head] });
    await client.query('commit');
    client.release();
  };
  return {
    hotRow: alone.perSecond > together.perSecond ? alone : together,
    insert: await measure(1, seconds, () => pool.query({ ...insert, values: [0, 1, note] })),
    transactions: async (accounts) => {
      const pick = zipf(accounts);
      return measure(256, seconds, () => transact(pick()));
    },
    close: () => pool.end(),
  };
}
