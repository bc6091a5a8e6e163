import type { AbstractSqlConnection, MikroORM } from '@mikro-orm/sql';
import type { Kysely } from 'kysely';

/** What runs statements, below MikroORM. */
export function clientOf(orm: MikroORM): Kysely<unknown> {
  return orm.em.getDriver().getConnection().getClient<unknown>();
}

/** The driver's own handle, below MikroORM and Kysely. */
export async function nativeOf(orm: MikroORM): Promise<unknown> {
  const connection = orm.em.getDriver().getConnection() as AbstractSqlConnection & {
    getNativeClient(): Promise<unknown>;
  };
  return connection.getNativeClient();
}
