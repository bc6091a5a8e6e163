import type { EntityManager, MikroORM } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';

import type { Dialect } from './dialect.ts';
import { beginAsWriter } from './sqlite.ts';

const begin = {
  sqlite: beginAsWriter,
  postgresql: async (connection) => void (await connection.executeQuery(CompiledQuery.raw('begin'))),
} satisfies Record<Dialect['name'], (connection: Kysely<unknown>) => Promise<void>>;

/**
 * Runs `work` between BEGIN and COMMIT on one connection, which goes back to the pool whatever happens: the query
 * builder's own transactions keep a connection for good when BEGIN, COMMIT or ROLLBACK fails on it.
 */
export async function runTransaction<T>(
  orm: MikroORM,
  dialect: Dialect,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  const client: Kysely<unknown> = orm.em.getDriver().getConnection().getClient();
  return client.connection().execute(async (connection) => {
    await begin[dialect.name](connection);
    try {
      const em = orm.em.fork();
      em.setTransactionContext(connection);
      const result = await work(em);
      await connection.executeQuery(CompiledQuery.raw('commit'));
      return result;
    } catch (error) {
      await rollBack(connection);
      throw error;
    }
  });
}

/** A connection that is lost has nothing to roll back any more, and why it was lost is the better error. */
async function rollBack(connection: Kysely<unknown>): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => undefined);
}
