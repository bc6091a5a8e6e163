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
    return {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => Object.assign(dialect.createDriver(), { beginTransaction: beginAsWriter }),
    };
  }
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
