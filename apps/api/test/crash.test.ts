import { afterEach, describe, expect, it } from 'vitest';

import { ADMIN } from './app.ts';
import { describeOnEachDatabase, freshDatabase } from './databases.ts';
import type { Answer, Http } from './http.ts';
import { startServer, until, type ServerProcess } from './server-process.ts';

const RESTART_MS_MAX = 5_000;
const CALLERS = 8;

const started: ServerProcess[] = [];
async function start(databaseUrl: string): Promise<ServerProcess> {
  const server = await startServer({ DATABASE_URL: databaseUrl, ISSUER: 'https://sso.example.org' });
  started.push(server);
  return server.ready();
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.kill()));
});

async function ownId(http: Http): Promise<string> {
  return String((await http.get('/api/users/me')).body['id']);
}

/** Every transaction of a user, by its reference. */
async function referencesOf(http: Http, id: string): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: Answer = await http.get(
      `/api/users/${id}/credits/transactions?type=spend&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    found.push(...(body['data'] as { reference: string }[]).map(({ reference }) => reference));
    cursor = (body['meta'] as { next_cursor: string | null }).next_cursor;
  }
  return found;
}

describeOnEachDatabase('kill -9 in the middle of spends', (database) => {
  it('loses nothing that was acknowledged and does nothing twice, and serves again within five seconds', async () => {
    const databaseUrl = await freshDatabase(database);
    const first = await start(databaseUrl);
    const admin = await first.signIn();
    const id = await ownId(admin);
    await admin.post(`/api/users/${id}/credits`, { type: 'purchase', amount: 1_000_000 });

    const sent: string[] = [];
    const acknowledged = new Map<string, string>();
    const spend = (http: Http, key: string): Promise<Answer> =>
      http.post(`/api/users/${id}/credits`, { type: 'spend', amount: 1, reference: key }, { 'idempotency-key': key });
    const caller = async (_: unknown, name: number): Promise<void> => {
      for (let n = 0; ; n++) {
        const key = `spend-${name}-${n}`;
        sent.push(key);
        const answer = await spend(admin, key).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.status === 201) acknowledged.set(key, answer.text);
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    await until(() => acknowledged.size > 40, 20_000);
    await first.kill();
    await Promise.all(callers);

    const killedMs = performance.now();
    const second = await start(databaseUrl);
    expect(performance.now() - killedMs).toBeLessThan(RESTART_MS_MAX);
    const again = await second.signIn();
    const before = await referencesOf(again, id);
    expect(new Set(before).size).toBe(before.length);
    expect([...acknowledged.keys()].filter((key) => !before.includes(key))).toEqual([]);

    const replies = await inTurn(sent, (key) => spend(again, key));
    expect(replies.every(({ status }) => status === 201)).toBe(true);
    const otherwise = sent.filter(
      (key, index) => acknowledged.has(key) && acknowledged.get(key) !== replies[index]?.text,
    );
    expect(otherwise).toEqual([]);
    const after = await referencesOf(again, id);
    expect(after.toSorted()).toEqual(sent.toSorted());
    const { body } = await again.get(`/api/users/${id}/credits`);
    expect(body['balance']).toBe(1_000_000 - sent.length);
  }, 90_000);
});

describe('two servers on one PostgreSQL', () => {
  it('sell the last ten credits ten times, to 64 callers at once', async () => {
    const databaseUrl = await freshDatabase('postgresql');
    const servers = [await start(databaseUrl), await start(databaseUrl)];
    const admins = await Promise.all(servers.map((server) => server.signIn()));
    const [admin] = admins as [Http, Http];
    const id = await ownId(admin);
    await admin.post(`/api/users/${id}/credits`, { type: 'purchase', amount: 10 });
    const spend = (http: Http): Promise<Answer> => http.post(`/api/users/${id}/credits`, { type: 'spend', amount: 1 });
    const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => spend(admins[n % 2] ?? admin)));
    const statuses = answers.map(({ status }) => status);
    expect([201, 402].map((status) => statuses.filter((each) => each === status).length)).toEqual([10, 54]);
    expect((await admin.get(`/api/users/${id}/credits`)).body).toMatchObject({ balance: 0, available: 0 });
  }, 60_000);

  it('carry out a request once that reaches both with one key', async () => {
    const databaseUrl = await freshDatabase('postgresql');
    const servers = [await start(databaseUrl), await start(databaseUrl)];
    const admins = await Promise.all(servers.map((server) => server.signIn()));
    const [admin] = admins as [Http, Http];
    const id = await ownId(admin);
    for (let round = 0; round < 10; round++) {
      const key = { 'idempotency-key': `round-${round}` };
      const answers = await Promise.all(
        admins.map((http) => http.post(`/api/users/${id}/credits`, { type: 'purchase', amount: 1 }, key)),
      );
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    }
    expect((await admin.get(`/api/users/${id}/credits`)).body['balance']).toBe(10);
  }, 60_000);

  it('rotate a refresh token that fifty callers send at once to one and the same successor', async () => {
    const databaseUrl = await freshDatabase('postgresql');
    const servers = [await start(databaseUrl), await start(databaseUrl)] as const;
    const { body } = await servers[0].http.post('/api/auth/login', ADMIN);
    const refresh = async (n: number, token: unknown): Promise<Answer> =>
      (n % 2 ? servers[1] : servers[0]).http.post('/api/auth/refresh', { refresh_token: token });
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, n) => refresh(n, body['refresh_token'])));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    const [successor, ...others] = new Set(answers.map((answer) => answer.body['refresh_token']));
    expect(others).toEqual([]);
    expect((await refresh(1, successor)).status).toBe(200);
    expect((await refresh(0, body['refresh_token'])).status).toBe(401);
    expect((await refresh(1, successor)).status).toBe(401);
  }, 60_000);

  it('what one revokes stands in the feed of the other within a second', async () => {
    const databaseUrl = await freshDatabase('postgresql');
    const [here, there] = [await start(databaseUrl), await start(databaseUrl)];
    const admin = await here.signIn();
    const feed = async (): Promise<string> => (await there.http.get('/.well-known/revocations')).text;
    const isNamed = async (): Promise<boolean> => {
      const payload = Buffer.from((await feed()).split('.')[1] ?? '', 'base64url').toString();
      return (JSON.parse(payload) as { revocations: unknown[] }).revocations.length === 1;
    };
    expect(await isNamed()).toBe(false);
    expect((await admin.post('/api/auth/logout')).status).toBe(204);
    await until(isNamed, 1_000);
  }, 60_000);

  it('a session that one ends is over at the other within two seconds', async () => {
    const databaseUrl = await freshDatabase('postgresql');
    const [here, there] = [await start(databaseUrl), await start(databaseUrl)];
    const { body } = await here.http.post('/api/auth/login', {
      email: 'admin@example.org',
      password: 'the admin password',
    });
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await there.http.get('/api/users/me', headers)).status).toBe(200);
    expect((await here.http.post('/api/auth/logout', undefined, headers)).status).toBe(204);
    await until(async () => (await there.http.get('/api/users/me', headers)).status === 401, 2_000);
  }, 60_000);
});

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
