import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { MikroORM, type AbstractSqlConnection, type SqlOptions } from '@mikro-orm/sql';
import { CompiledQuery, type DatabaseConnection, type Kysely } from 'kysely';
import { Pool, type PoolClient, type PoolConfig } from 'pg';

import type { TransactionSource, Tx } from '../kernel/transaction.ts';
import { dialects, type Dialect } from './dialect.ts';
import { entities } from './entities.ts';
import { mayRetry, translate } from './failures.ts';
import { migrations } from './migrations/index.ts';
import {
  beginOnSqlite,
  createPostgresqlWriter,
  type OpenTransaction,
  type Writer,
  writeUnawaited,
} from './open-transaction.ts';
import { pingWith } from './ping.ts';
import { prepareFor, runnerOn, transactionClient, type Run, type Statement } from './query.ts';
import { runTransaction } from './run-transaction.ts';
import { EmbeddedSqliteDriver, type SqliteHandle } from './sqlite.ts';

const POOL_MAX = 10;
/** Batches that follow one another without waiting keep one connection busy. A second one mostly waits for rows of the first. */
const WRITERS_MAX = 1;
const CONNECT_TIMEOUT_MS = 1_500;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Of a batch: all postings of a process wait behind it. */
const LOCK_TIMEOUT_MS = 1_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const SQLITE_BUSY_TIMEOUT_MS = 20;

/** An open database: SQLite or PostgreSQL behind the same verbs. */
export interface Database extends TransactionSource {
  readonly dialect: Dialect;
  readonly orm: MikroORM;
  /** How many batches are worth committing at once: SQLite has one writer, and others need connections too. */
  readonly writersMax: number;
  /** Whether the transactions of one writer follow one another without waiting for answers. */
  readonly writersFollow: boolean;
  /** A statement outside a transaction. @throws DatabaseUnavailable */
  readonly read: Run;
  /** A statement inside the transaction. */
  in(tx: Tx): Run;
  /** Writes that nothing in the transaction reads any more: where it can be, nobody waits for them before COMMIT. */
  writeLast(tx: Tx, statements: readonly Statement[]): Promise<void>;
  /**
   * A transaction that the caller ends, for the one use case that must know what became of a lost COMMIT. Those of one
   * writer, 0 to `writersMax` - 1, are carried out in the order in which they began.
   */
  begin(writer: number): Promise<OpenTransaction>;
  /** Brings the schema up to date. Safe to call from several processes at once. */
  migrate(): Promise<void>;
  /** Resolves when the database answers. @throws DatabaseUnavailable, at the latest after 1.5 seconds */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens `sqlite:./path/file.sqlite`, `sqlite::memory:` or `postgres://user@host/database`. The folder of an SQLite file
 * is made when missing.
 *
 * @throws Error for a URL of another kind, or a file that cannot be opened
 */
export async function openDatabase(url: string, options: { poolMax?: number } = {}): Promise<Database> {
  const settings = url.startsWith('sqlite:')
    ? sqliteSettings(url.slice('sqlite:'.length))
    : postgresqlSettings(url, options);
  const orm = await MikroORM.init({
    ...settings.orm,
    entities,
    extensions: [Migrator],
    migrations: { migrationsList: migrations[settings.name], tableName: 'schema_migration', snapshot: false },
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true, skipViews: [/./] },
    ignoreUndefinedInQuery: false,
    debug: false,
    logger: () => {},
  });
  return databaseOn(orm, dialects[settings.name], settings);
}

interface DriverSettings {
  name: Dialect['name'];
  writersMax: number;
  begin: (orm: MikroORM, writer: number) => Promise<OpenTransaction>;
  /** Closes what is open beside MikroORM's own connections. */
  close: () => Promise<void>;
  orm: Pick<SqlOptions, 'driver' | 'dbName' | 'clientUrl' | 'pool' | 'driverOptions' | 'onCreateConnection'>;
}

function sqliteSettings(path: string): DriverSettings {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  return {
    name: 'sqlite',
    writersMax: 1,
    begin: async (orm) => beginOnSqlite(clientOf(orm), (await nativeOf(orm)) as SqliteHandle, orm.em.fork()),
    close: async () => {},
    orm: {
      driver: EmbeddedSqliteDriver,
      dbName: path,
      onCreateConnection: async (connection: unknown) => {
        const opened = connection as DatabaseConnection;
        for (const pragma of SQLITE_PRAGMAS) await opened.executeQuery(CompiledQuery.raw(`pragma ${pragma}`));
      },
    },
  };
}

/** WAL lets readers go on while one writes; FULL means that a commit which was answered survives a power cut. */
const SQLITE_PRAGMAS = [
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'trusted_schema = off',
  `busy_timeout = ${SQLITE_BUSY_TIMEOUT_MS}`,
];

function postgresqlSettings(url: string, { poolMax = POOL_MAX }: { poolMax?: number }): DriverSettings {
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

function databaseOn(orm: MikroORM, dialect: Dialect, { writersMax, begin, close }: DriverSettings): Database {
  const prepare = prepareFor[dialect.name];
  const read = runnerOn(clientOf(orm), prepare);
  return {
    dialect,
    orm,
    writersMax,
    writersFollow: dialect.name === 'postgresql',
    read: (sql, params) => translated(() => read(sql, params)),
    in: (tx) => runnerOn(transactionClient(tx), prepare),
    writeLast: async (tx, statements) => {
      if (writeUnawaited(tx, statements)) return;
      const run = runnerOn(transactionClient(tx), prepare);
      for (const { sql, params } of statements) await run(sql, params);
    },
    begin: (writer) => begin(orm, writer),
    run: (work) => runTransaction(orm, dialect, work),
    mayRetry,
    translate,
    migrate: () =>
      translated(async () => {
        // The migrator makes a database that does not exist: a typo in its name would open an empty product.
        await read('select 1');
        await migrate(orm, dialect);
      }),
    ping: pingWith(() => translated(() => read('select 1'))),
    close: async () => {
      await Promise.all([close(), orm.close(true)]);
    },
  };
}

function clientOf(orm: MikroORM): Kysely<unknown> {
  return orm.em.getDriver().getConnection().getClient<unknown>();
}

/** The driver's own handle, below MikroORM and Kysely. */
async function nativeOf(orm: MikroORM): Promise<unknown> {
  const connection = orm.em.getDriver().getConnection() as AbstractSqlConnection & {
    getNativeClient(): Promise<unknown>;
  };
  return connection.getNativeClient();
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

const MIGRATE_ATTEMPTS_MAX = 3;

/** Two processes that start together must not both create the tables. */
async function migrate(orm: MikroORM, dialect: Dialect): Promise<void> {
  if (dialect.name === 'postgresql') {
    await orm.em.fork().transactional(async (em) => {
      await em.execute(`select pg_advisory_xact_lock(hashtext('users-service:migrations'))`);
      await orm.migrator.up();
    });
    return;
  }
  // SQLite has no such lock: whoever comes second finds the tables made, looks again, and has nothing left to do.
  for (let attempt = 1; ; attempt++) {
    try {
      await orm.migrator.up();
      return;
    } catch (error) {
      if (attempt === MIGRATE_ATTEMPTS_MAX || !/already exists/.test(String(error))) throw error;
    }
  }
}
