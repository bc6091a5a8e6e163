import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { Pool, type PoolClient, type PoolConfig } from 'pg';

import type { DriverSettings } from './driver-settings.ts';
import { createPostgresqlWriter, type Writer } from './postgresql-writer.ts';

const POOL_MAX = 10;
/** Batches that follow one another without waiting keep one connection busy. A second one mostly waits for rows of the first. */
const WRITERS_MAX = 1;
const CONNECT_TIMEOUT_MS = 1_500;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Of a batch: all postings of a process wait behind it. */
const LOCK_TIMEOUT_MS = 1_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

/** A pool for everybody, and connections of their own for the batches of the posting engine. */
export function postgresqlSettings(url: string, { poolMax = POOL_MAX }: { poolMax?: number }): DriverSettings {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Error('DATABASE_URL must begin with sqlite: or postgres://');
  }
  const writersMax = Math.max(1, Math.min(WRITERS_MAX, Math.floor(poolMax / 2)));
  const connections = writersPool(url, writersMax);
  const writers = Array.from({ length: writersMax }, () => createPostgresqlWriter(connections));
  return {
    name: 'postgresql',
    writersMax,
    begin: (orm, writer) => (writers[writer] as Writer)(orm.em.fork()),
    close: () => connections.end(),
    orm: {
      driver: PostgreSqlDriver,
      clientUrl: url,
      pool: { min: 0, max: poolMax },
      driverOptions: { ...CONNECTION, onPoolCreated: (pool: Pool) => pool.on('connect', nameStatements) },
    },
  };
}

const CONNECTION = {
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: STATEMENT_TIMEOUT_MS,
  query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  application_name: 'users-service',
  // Statements that are not awaited one by one share a round trip.
  pipeline: true,
} satisfies PoolConfig & { pipeline: boolean };

/**
 * The connections of the posting engine. Plans are made once for a connection, perhaps while a table is empty, and a plan
 * that reads all of it would stay when it has grown: on these, every row is found by an index.
 */
const WRITER_SETTINGS = `set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
  set lock_timeout = ${LOCK_TIMEOUT_MS}`;

function writersPool(url: string, max: number): Pool {
  const pool = new Pool({ ...CONNECTION, connectionString: url, max });
  pool.on('connect', (client) => {
    nameStatements(client);
    // Whoever waits for a statement is told; without a listener, the process would end.
    client.on('error', () => undefined);
    client.query(WRITER_SETTINGS).catch(() => undefined);
  });
  // A connection that is lost while nobody uses it is replaced by the next that is needed.
  pool.on('error', () => undefined);
  return pool;
}

/** Statements with bound values are constants of the source: under a name, PostgreSQL parses and plans each once. */
function nameStatements(client: PoolClient): void {
  const send = client.query.bind(client) as (...args: unknown[]) => unknown;
  const names = new Map<string, string>();
  const nameOf = (text: string): string => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = `s${names.size}`;
    names.set(text, name);
    return name;
  };
  client.query = ((text: unknown, values: unknown, ...rest: unknown[]) =>
    typeof text === 'string' && Array.isArray(values) && values.length > 0
      ? send({ text, values, name: nameOf(text) }, ...rest)
      : send(text, values, ...rest)) as typeof client.query;
}
