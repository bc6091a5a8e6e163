import type { EntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';

import type { Tx } from '../kernel/transaction.ts';
import { takesWrites, type OpenTransaction } from './open-transaction.ts';
import { prepareFor } from './query.ts';
import { beginAsWriter, type SqliteHandle } from './sqlite.ts';

/**
 * SQLite runs in this process: its statements have no round trips, and its COMMIT is answered or failed. The one
 * connection is given back whatever happens.
 */
export async function beginOnSqlite(
  client: Kysely<unknown>,
  sqlite: SqliteHandle,
  em: EntityManager,
): Promise<OpenTransaction> {
  const begun = Promise.withResolvers<Kysely<unknown>>();
  const ended = Promise.withResolvers<void>();
  const held = client.connection().execute(async (connection) => {
    await beginAsWriter(connection);
    begun.resolve(connection);
    await ended.promise;
  });
  held.catch(begun.reject);
  const connection = await begun.promise;
  em.setTransactionContext(connection);
  const tx = em as Tx;
  takesWrites(tx, ({ sql, params }) => void sqlite.prepare(sql).run(prepareFor.sqlite(sql, params).params));
  const run = (statement: string): Promise<unknown> => connection.executeQuery(CompiledQuery.raw(statement));
  const giveBack = async (): Promise<void> => {
    ended.resolve();
    await held;
  };
  const rollback = (): Promise<void> => run('rollback').then(giveBack, giveBack);
  return {
    tx,
    commit: async () => {
      try {
        await run('commit');
      } catch (error) {
        await rollback();
        throw error;
      }
      await giveBack();
    },
    rollback,
  };
}
