import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/sql';

import type { TransactionSource, Tx } from '../kernel/transaction.ts';
import { clientOf } from './client.ts';
import { dialects, type Dialect } from './dialect.ts';
import type { DriverSettings } from './driver-settings.ts';
import { entities } from './entities.ts';
import { mayRetry, translate } from './failures.ts';
import { migrations } from './migrations/index.ts';
import { writeUnawaited, type OpenTransaction } from './open-transaction.ts';
import { pingWith } from './ping.ts';
import { postgresqlSettings } from './postgresql-settings.ts';
import { prepareFor, runnerOn, transactionClient, type Run, type Statement } from './query.ts';
import { runTransaction } from './run-transaction.ts';
import { sqliteSettings } from './sqlite-settings.ts';

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
