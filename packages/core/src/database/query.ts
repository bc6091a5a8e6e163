import type { EntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';

export type SqlValue = string | number | boolean | Date | Buffer | null;

/** A statement in our own SQL: `?` for each bound value, the same text on both databases. */
export interface Statement {
  sql: string;
  params: readonly SqlValue[];
}

/** Runs a statement with bound parameters (MikroORM's `execute` writes them into the text) and gives its rows. */
export type Run = <Row>(sql: string, params?: readonly SqlValue[]) => Promise<Row[]>;

export function runnerOn(client: Kysely<unknown>, prepare: Prepare): Run {
  return async <Row>(sql: string, params: readonly SqlValue[] = []) => {
    const statement = prepare(sql, params);
    const result = await client.executeQuery(CompiledQuery.raw(statement.sql, [...statement.params]));
    return result.rows as Row[];
  };
}

type Prepare = (sql: string, params: readonly SqlValue[]) => Statement;

/** How a statement is written for each database. */
export const prepareFor = {
  sqlite: (sql, params) => ({ sql, params: params.map(sqliteValue) }),
  postgresql: (sql, params) => ({ sql: numbered(sql), params }),
} satisfies Record<string, Prepare>;

function sqliteValue(value: SqlValue): SqlValue {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'boolean' ? Number(value) : value;
}

/** Our statements are constants, so the cache has one row for each of them in the source. */
const numberedTexts = new Map<string, string>();

function numbered(sql: string): string {
  const known = numberedTexts.get(sql);
  if (known !== undefined) return known;
  let position = 0;
  const text = sql.replace(/\?/g, () => `$${++position}`);
  numberedTexts.set(sql, text);
  return text;
}

/** The open transaction's own client. */
export function transactionClient(em: EntityManager): Kysely<unknown> {
  const client = em.getTransactionContext<Kysely<unknown>>();
  if (client === undefined) throw new Error('this EntityManager has no open transaction');
  return client;
}
