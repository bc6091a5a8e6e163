import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { afterEach, expect, it } from 'vitest';

import { ADMIN } from './app.ts';
import { describeOnEachDatabase, freshDatabase } from './databases.ts';
import type { Answer } from './http.ts';
import { startServer, until, type ServerProcess } from './server-process.ts';

const SESSIONS = 40;
const ROUNDS_MAX = 10;

const started: ServerProcess[] = [];
async function start(databaseUrl: string): Promise<ServerProcess> {
  const server = await startServer({
    DATABASE_URL: databaseUrl,
    ISSUER: 'https://sso.example.org',
    LOG_LEVEL: 'error',
  });
  started.push(server);
  return server.ready();
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

const refresh = async ({ http }: ServerProcess, token: string): Promise<Answer> =>
  http.post('/api/auth/refresh', { refresh_token: token });
const refreshTokenOf = ({ body }: Answer): string => String(body['refresh_token']);
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

describeOnEachDatabase('kill -9 in the middle of refreshes', (database) => {
  it('loses nobody: who got no answer asks again and gets the successor that was claimed', async () => {
    const databaseUrl = await freshDatabase(database);
    let claimedUnanswered = 0;
    for (let round = 0; claimedUnanswered === 0 && round < ROUNDS_MAX; round++) {
      const first = await start(databaseUrl);
      const signIns = await Promise.all(
        Array.from({ length: SESSIONS }, async () => first.http.post('/api/auth/login', ADMIN)),
      );
      const parents = signIns.map(refreshTokenOf);

      const answers = parents.map(async (token) => refresh(first, token).catch(() => undefined));
      await until(async () => (await successors(databaseUrl, parents)).size > 0, 5_000);
      await first.kill();
      const answered = await Promise.all(answers);
      const claimed = await successors(databaseUrl, parents);

      const second = await start(databaseUrl);
      for (const [index, parent] of parents.entries()) {
        const before = answered[index];
        const again = before ?? (await refresh(second, parent));
        expect(again.status).toBe(200);
        const promised = claimed.get(hashOf(parent));
        const successor = hashOf(refreshTokenOf(again));
        expect(promised ?? successor).toBe(successor);
        if (promised !== undefined && before === undefined) claimedUnanswered += 1;
        expect((await refresh(second, refreshTokenOf(again))).status).toBe(200);
      }
      await second.kill();
    }
    expect(claimedUnanswered).toBeGreaterThan(0);
  }, 120_000);
});

/** The hashes of the successors that are in the database, by the hash of their parent. */
async function successors(databaseUrl: string, parents: readonly string[]): Promise<Map<string, string>> {
  const rows = await read(databaseUrl, 'select parent_hash, hash from refresh_token where parent_hash is not null');
  const ours = new Set(parents.map(hashOf));
  return new Map(rows.filter(([parent]) => ours.has(parent)));
}

async function read(databaseUrl: string, sql: string): Promise<[string, string][]> {
  if (databaseUrl.startsWith('sqlite:')) {
    const file = new DatabaseSync(databaseUrl.slice('sqlite:'.length), { readOnly: true, timeout: 1_000 });
    const rows = file.prepare(sql).all();
    file.close();
    return rows.map(pairOf);
  }
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows.map(pairOf);
}

function pairOf(row: Record<string, unknown>): [string, string] {
  return [String(row['parent_hash']), String(row['hash'])];
}
