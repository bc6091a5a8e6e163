import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Migrator } from '@mikro-orm/migrations';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { MikroORM, type SqlOptions } from '@mikro-orm/sql';
import { CompiledQuery, type DatabaseConnection, type Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';

import type { TransactionSource, Tx } from '../kernel/transaction.ts';
import { dialects, type Dialect } from './dialect.ts';
import { entities } from './entities.ts';
import { mayRetry, translate } from './failures.ts';
import { migrations } from './migrations/index.ts';
import { prepareFor, runnerOn, transactionClient, type Run } from './query.ts';
import { runTransaction } from './run-transaction.ts';
import { EmbeddedSqliteDriver } from './sqlite.ts';

const POOL_MAX = 10;
const CONNECT_TIMEOUT_MS = 1_500;
const STATEMENT_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;
const SQLITE_BUSY_TIMEOUT_MS = 20;

/** An open database: SQLite or PostgreSQL behind the same four verbs. */
export interface Database extends TransactionSource {
  readonly dialect: Dialect;
  readonly orm: MikroORM;
  /** A statement outside a transaction. @throws DatabaseUnavailable */
  readonly read: Run;
  /** A statement inside the transaction. */
  in(tx: Tx): Run;
  /** Brings the schema up to date. Safe to call from several processes at once. */
  migrate(): Promise<void>;
  /** Resolves when the database answers. @throws DatabaseUnavailable */
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
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true },
    ignoreUndefinedInQuery: false,
    debug: false,
    logger: () => {},
  });
  return databaseOn(orm, dialects[settings.name]);
}

interface DriverSettings {
  name: Dialect['name'];
  orm: Pick<SqlOptions, 'driver' | 'dbName' | 'clientUrl' | 'pool' | 'driverOptions' | 'onCreateConnection'>;
}

function sqliteSettings(path: string): DriverSettings {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  return {
    name: 'sqlite',
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
  return {
    name: 'postgresql',
    orm: {
      driver: PostgreSqlDriver,
      clientUrl: url,
      pool: { min: 0, max: poolMax },
      driverOptions: {
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
        idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
        application_name: 'users-service',
        onPoolCreated: (pool: Pool) => pool.on('connect', nameStatements),
      },
    },
  };
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

function databaseOn(orm: MikroORM, dialect: Dialect): Database {
  const prepare = prepareFor[dialect.name];
  const client = (): Kysely<unknown> => orm.em.getDriver().getConnection().getClient<unknown>();
  const read = runnerOn(client(), prepare);
  return {
    dialect,
    orm,
    read: (sql, params) => translated(() => read(sql, params)),
    in: (tx) => runnerOn(transactionClient(tx), prepare),
    run: (work) => runTransaction(orm, dialect, work),
    mayRetry,
    translate,
    migrate: () =>
      translated(async () => {
        // The migrator makes a database that does not exist: a typo in its name would open an empty product.
        await read('select 1');
        await migrate(orm, dialect);
      }),
    ping: () => translated(async () => void (await read('select 1'))),
    close: () => orm.close(true),
  };
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
