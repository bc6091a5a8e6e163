import { randomUUID } from 'node:crypto';
import type { Core } from '@org/core';
import pg from 'pg';

/** Users with empty accounts, made past the application in one statement each: 100,000 take seconds. Gives their ids. */
export async function populatePostgres(url: string, count: number): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `insert into users (id, email, email_key, profile, created_at, updated_at)
     select id, id::text, id::text, '{}', now(), now() from unnest($1::uuid[]) id`,
    [ids],
  );
  await client.query(
    `insert into credit_account (id, owner_id, kind, head_hash, created_at)
     select gen_random_uuid(), id, 'user', '', now() from unnest($1::uuid[]) id`,
    [ids],
  );
  await client.query('analyze');
  await client.end();
  return ids;
}

export async function populate(core: Core, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++)
    ids.push((await core.users.create({ email: `bench-${index}@example.org` })).id);
  return ids;
}
