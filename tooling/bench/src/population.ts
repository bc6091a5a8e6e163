import { openCore, Secret, type Core } from '@org/core';
import pg from 'pg';

/** Users with plenty of credits. A few of them can sign in: hashing a password for everybody would take a minute. */
export interface Population {
  readonly userIds: readonly string[];
  readonly members: readonly Member[];
  readonly adminToken: string;
}

interface Member {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
}

const USERS = 1_000;
const MEMBERS = 50;
const CREDITS = 1_000_000_000;
const AT_ONCE = 10;
const PASSWORD = 'four-grey-geese-on-a-lake';
const ADMIN_EMAIL = 'admin@example.org';

export async function populate(databaseUrl: string, secretKey: string, issuer: string): Promise<Population> {
  const core = await openCore({ databaseUrl, secretKey: new Secret(secretKey), settings: { issuer } });
  try {
    await core.setup({ adminEmail: ADMIN_EMAIL, adminPassword: new Secret(PASSWORD) });
    const userIds = await each(USERS, (index) => createUser(core, index));
    const members = await each(MEMBERS, (index) => signIn(core, userIds[index] ?? '', index));
    const { accessToken: adminToken } = await core.sessions.login({ email: ADMIN_EMAIL, password: PASSWORD });
    await createBareAccounts(databaseUrl, userIds);
    return { userIds, members, adminToken };
  } finally {
    await core.close();
  }
}

async function createUser(core: Core, index: number): Promise<string> {
  const password = index < MEMBERS ? { password: PASSWORD } : {};
  const { id } = await core.users.create({ email: emailOf(index), name: `User ${index}`, ...password });
  await core.credits.purchase({ userId: id, amount: CREDITS });
  return id;
}

async function signIn(core: Core, id: string, index: number): Promise<Member> {
  const who = { email: emailOf(index), password: PASSWORD };
  const { accessToken } = await core.sessions.login(who);
  return { id, ...who, accessToken };
}

/** What the one statement of the bare server updates. */
async function createBareAccounts(databaseUrl: string, userIds: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bench_account (id uuid primary key, balance bigint not null)');
  await client.query('insert into bench_account select unnest($1::uuid[]), $2', [userIds, CREDITS]);
  // Filled tables only: of an empty one PostgreSQL would believe that it stays empty, and read all of it for ever.
  await client.query('vacuum analyze users, user_role, credit_account, credit_entry, bench_account');
  await client.end();
}

async function each<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => from + offset);
    results.push(...(await Promise.all(indexes.map(work))));
  }
  return results;
}

function emailOf(index: number): string {
  return `user${index}@example.org`;
}
