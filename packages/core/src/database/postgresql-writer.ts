import type { Socket } from 'node:net';
import type { EntityManager } from '@mikro-orm/sql';
import type { CompiledQuery } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';

import type { Tx } from '../kernel/transaction.ts';
import { codeOf } from './failures.ts';
import { CommitUnknown, takesWrites, type OpenTransaction } from './open-transaction.ts';
import { prepareFor } from './query.ts';

/** Begins transactions that follow one another on one connection, each as soon as the one before it has asked to be ended. */
export type Writer = (em: EntityManager) => Promise<OpenTransaction>;

/**
 * BEGIN travels with the first statements, and the writes with COMMIT. The server turns a COMMIT that follows a failed
 * write into a ROLLBACK, so nothing is committed that was not written whole. The next transaction does not wait for that
 * answer: it is on its way while the server commits, and the server takes one after the other.
 */
export function createPostgresqlWriter(pool: Pool): Writer {
  const connect = sharedConnections(pool);
  let turn: Promise<void> = Promise.resolve();
  return async (em) => {
    const before = turn;
    const ended = Promise.withResolvers<void>();
    turn = ended.promise;
    await before;
    try {
      return openOn(await connect(), em, ended.resolve);
    } catch (error) {
      ended.resolve();
      throw error;
    }
  };
}

interface Connection {
  readonly client: PoolClient;
  /** Once for each who has it. With a reason, it is closed when the last has left. */
  readonly leave: (broken?: unknown) => void;
}

/** One connection for all who have it at the same time, given back when nobody has it any more. */
function sharedConnections(pool: Pool): () => Promise<Connection> {
  let shared: { client: Promise<PoolClient>; users: number; broken: unknown } | undefined;
  return async () => {
    const mine = (shared ??= { client: pool.connect(), users: 0, broken: undefined });
    const forget = (): void => {
      if (shared === mine) shared = undefined;
    };
    mine.users += 1;
    const client = await mine.client.catch((error: unknown) => {
      forget();
      throw error;
    });
    return {
      client,
      leave: (broken) => {
        mine.broken ??= broken;
        mine.users -= 1;
        if (mine.users === 0 || broken !== undefined) forget();
        if (mine.users === 0) client.release(mine.broken as Error | undefined);
      },
    };
  };
}

function openOn({ client, leave }: Connection, em: EntityManager, onEnding: () => void): OpenTransaction {
  sendTogether(client);
  const begun = handled(client.query('begin'));
  const run = async ({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<{ rows: unknown[] }> => {
    sendTogether(client);
    const [result] = await inOrder([client.query(sql, [...parameters]), begun]);
    return { rows: (result as QueryResult).rows };
  };
  em.setTransactionContext({ executeQuery: run });
  const tx = em as Tx;
  const writes: Promise<unknown>[] = [begun];
  takesWrites(tx, (write) => {
    const { sql, params } = prepareFor.postgresql(write.sql, write.params);
    sendTogether(client);
    writes.push(handled(client.query(sql, [...params])));
    sendTogether(client);
  });
  return {
    tx,
    commit: async () => {
      sendTogether(client);
      const committed = answered(client.query('commit'));
      onEnding();
      const [commit, written] = await Promise.allSettled([committed, inOrder(writes)]);
      leave(commit.status === 'rejected' ? commit.reason : undefined);
      for (const part of [commit, written]) if (part.status === 'rejected') throw part.reason;
    },
    // A connection that cannot even roll back is closed, which rolls back as well.
    rollback: async () => {
      const rolledBack = client.query('rollback');
      onEnding();
      await rolledBack.then(() => leave(), leave);
    },
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
