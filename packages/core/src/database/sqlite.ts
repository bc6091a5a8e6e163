import { setTimeout as wait } from 'node:timers/promises';
import { AbstractSqlDriver, SqlitePlatform, type Configuration } from '@mikro-orm/sql';
import { SqliteConnection } from '@mikro-orm/sqlite';
import { CompiledQuery, type Dialect } from 'kysely';

import { codeOf } from './failures.ts';

/** MikroORM's SQLite driver, with two changes for money: transactions begin as writers, and settings are per connection. */
export class EmbeddedSqliteDriver extends AbstractSqlDriver<SqliteConnection> {
  constructor(config: Configuration) {
    super(config, new EmbeddedSqlitePlatform(), EmbeddedSqliteConnection, ['kysely', 'better-sqlite3']);
  }
}

/** Indexes are the ones that the entities name, as on PostgreSQL: one for each foreign key doubles the cost of a posting. */
class EmbeddedSqlitePlatform extends SqlitePlatform {
  override indexForeignKeys(): boolean {
    return false;
  }
}

class EmbeddedSqliteConnection extends SqliteConnection {
  override createKyselyDialect(options: Parameters<SqliteConnection['createKyselyDialect']>[0]): Dialect {
    const dialect: Dialect = super.createKyselyDialect(options);
    keepPrepared(Reflect.get(this, 'database') as SqliteHandle);
    return {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => Object.assign(dialect.createDriver(), { beginTransaction: beginAsWriter }),
    };
  }
}

/** SQLite's own handle of the database, as far as we use it. */
export interface SqliteHandle {
  prepare(sql: string): SqliteStatement;
}
interface SqliteStatement {
  run(params: readonly unknown[]): unknown;
}

const PREPARED_MAX = 200;

/** Our statements are few and constant, and parsing one takes longer than running it: the last 200 are kept. */
function keepPrepared(database: SqliteHandle): void {
  const prepare = database.prepare.bind(database);
  const kept = new Map<string, SqliteStatement>();
  database.prepare = (sql) => {
    const statement = kept.get(sql) ?? prepare(sql);
    kept.delete(sql);
    kept.set(sql, statement);
    if (kept.size > PREPARED_MAX) kept.delete(kept.keys().next().value as string);
    return statement;
  };
}

const TURN_WAIT_MS_MAX = 5_000;

/**
 * A deferred transaction that reads first and writes later fails at once with SQLITE_BUSY when another process
 * wrote in between, whatever the busy timeout. `begin immediate` waits for the writer's turn instead, and it waits
 * here rather than in SQLite, whose busy timeout would stop the event loop.
 */
export async function beginAsWriter(connection: {
  executeQuery(query: CompiledQuery): Promise<unknown>;
}): Promise<void> {
  const deadlineMs = performance.now() + TURN_WAIT_MS_MAX;
  for (;;) {
    try {
      await connection.executeQuery(CompiledQuery.raw('begin immediate'));
      return;
    } catch (error) {
      if (codeOf(error) !== 'SQLITE_BUSY' || performance.now() > deadlineMs) throw error;
      await wait(1 + Math.random() * 9);
    }
  }
}
