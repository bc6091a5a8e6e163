import type { Socket } from 'node:net';
import type { EntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';

import type { Tx } from '../kernel/transaction.ts';
import { codeOf } from './failures.ts';
import { prepareFor, type Statement } from './query.ts';
import { beginAsWriter, type SqliteHandle } from './sqlite.ts';

/** A transaction that its holder ends, in as few round trips as the database allows. */
export interface OpenTransaction {
  readonly tx: Tx;
  /** @throws CommitUnknown when the connection was lost before the answer */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** COMMIT was sent and its answer never came: only the database knows what became of the transaction. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('the connection was lost while the transaction was being committed', { cause });
  }
}

type Write = (statement: Statement) => void;
const writers = new WeakMap<Tx, Write>();

/** Sends writes without waiting for them: COMMIT does. False when this transaction has no such way. */
export function writeUnawaited(tx: Tx, statements: readonly Statement[]): boolean {
  const write = writers.get(tx);
  if (write === undefined) return false;
  for (const statement of statements) write(statement);
  return true;
}

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
  writers.set(tx, ({ sql, params }) => void sqlite.prepare(sql).run(prepareFor.sqlite(sql, params).params));
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

/**
 * BEGIN travels with the first statements, and the writes with COMMIT: an idle posting is two round trips. The server turns
 * a COMMIT that follows a failed write into a ROLLBACK, so nothing is committed that was not written whole.
 */
export async function beginOnPostgresql(pool: Pool, em: EntityManager): Promise<OpenTransaction> {
  const client = await pool.connect();
  sendTogether(client);
  const begun = handled(client.query('begin'));
  const run = async ({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<{ rows: unknown[] }> => {
    sendTogether(client);
    const [result] = await inOrder([client.query(sql, [...parameters]), begun]);
    return { rows: (result as QueryResult).rows };
  };
  em.setTransactionContext({ executeQuery: run });
  const tx = em as Tx;
  const writes: Promise<unknown>[] = [];
  writers.set(tx, (write) => {
    const { sql, params } = prepareFor.postgresql(write.sql, write.params);
    sendTogether(client);
    writes.push(handled(client.query(sql, [...params])));
    sendTogether(client);
  });
  return {
    tx,
    commit: () => {
      sendTogether(client);
      return commit(client, inOrder(writes));
    },
    rollback: () => rollBack(client),
  };
}

const corked = new WeakSet<Socket>();
const PACKET_BYTES = 16_384;

/** What is asked in one turn leaves together, in packets of some size: a system call for each statement costs as much as it. */
function sendTogether(client: PoolClient): void {
  const { stream } = (client as PoolClient & { connection: { stream: Socket } }).connection;
  if (!corked.has(stream)) {
    corked.add(stream);
    stream.cork();
    process.nextTick(() => {
      corked.delete(stream);
      stream.uncork();
    });
  } else if (stream.writableLength > PACKET_BYTES) {
    stream.uncork();
    stream.cork();
  }
}

/** A promise whose failure is told to whoever waits for it, and to nobody when nobody does. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function commit(client: PoolClient, written: Promise<unknown>): Promise<void> {
  const [committed] = await Promise.allSettled([answered(client.query('commit')), written]);
  if (committed.status === 'rejected') {
    client.release(committed.reason as Error);
    throw committed.reason;
  }
  client.release();
  await written;
}

/** @throws CommitUnknown unless the server itself said what became of the COMMIT */
async function answered(committed: Promise<unknown>): Promise<void> {
  await committed.catch((error: unknown) => {
    throw isAnswer(error) ? error : new CommitUnknown(error);
  });
}

/** Whether the server itself said that the COMMIT failed. Class 57 is a server that is going away, class 08 a lost connection. */
function isAnswer(error: unknown): boolean {
  return /^(?!57|08)[0-9A-Z]{5}$/.test(codeOf(error));
}

/** Waits for all, and throws the first failure. */
async function inOrder(sent: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(sent);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** A connection that cannot even roll back is closed, which rolls back as well. */
async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('rollback');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}
