import { startTestPostgres, type TestPostgres } from '@org/test-postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from './app.ts';
import type { Answer } from './http.ts';
import { until } from './server-process.ts';

const CALLERS = 8;
const REFUSAL_MS_MAX = 2_000;
const RECOVERY_MS_MAX = 5_000;

let postgres: TestPostgres;
let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  postgres = await startTestPostgres();
  app = await openTestApp(await postgres.createDatabase('outage'));
  admin = await app.admin();
}, 60_000);
afterAll(async () => {
  await app.close();
  await postgres.close();
});

/** Callers that ask again and again until told to stop, and what they were answered, with how long it took. */
function load(ask: () => Promise<Answer>): {
  stop: () => Promise<(readonly [answer: Answer, ms: number])[]>;
  count: () => number;
} {
  const answers: (readonly [Answer, number])[] = [];
  const stopped = new AbortController();
  const caller = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const startedMs = performance.now();
      const answer = await ask();
      answers.push([answer, performance.now() - startedMs]);
    }
  };
  const all = Promise.all(Array.from({ length: CALLERS }, caller));
  return {
    count: () => answers.length,
    stop: async () => {
      stopped.abort();
      await all;
      return answers;
    },
  };
}

it('a database that goes away under requests is 503 within two seconds, and is back within five', async () => {
  const reads = load(() => admin.http.get('/api/users/me'));
  let posted = 0;
  const writes = load(() =>
    admin.http.post(
      `/api/users/${admin.id}/credits`,
      { type: 'purchase', amount: 1 },
      { 'idempotency-key': `w-${(posted += 1)}` },
    ),
  );
  await until(() => reads.count() > 50 && writes.count() > 10, 10_000);

  await postgres.crash();
  const crashedAt = reads.count();
  await until(() => reads.count() > crashedAt + 50, 10_000);
  const ready = await app.http.get('/api/health/ready');
  expect([ready.status, ready.body['checks'], ready.headers.get('retry-after')]).toEqual([
    503,
    { database: 'unavailable', ledger: 'unknown' },
    '2',
  ]);
  expect((await app.http.get('/api/health/live')).status).toBe(200);
  const keys = await app.http.get('/.well-known/jwks.json');
  expect([keys.status, (keys.body['keys'] as unknown[]).length]).toEqual([200, 1]);
  const signIn = await app.http.post('/api/auth/login', { email: 'a@example.org', password: 'any password' });
  expect([signIn.status, signIn.body['code']]).toEqual([503, 'database.unavailable']);

  await postgres.restart();
  const recoveryMs = await until(async () => (await admin.http.get('/api/users/me')).status === 200, RECOVERY_MS_MAX);
  expect((await app.http.get('/api/health/ready')).status).toBe(200);

  const answers = [...(await reads.stop()), ...(await writes.stop())];
  const refused = answers.filter(([{ status }]) => status === 503);
  expect(refused.length).toBeGreaterThan(50);
  expect(new Set(answers.map(([{ status }]) => status))).toEqual(new Set([200, 201, 503]));
  for (const [{ headers, body }, ms] of refused) {
    expect([headers.get('retry-after'), body['code']]).toEqual(['2', 'database.unavailable']);
    expect(ms).toBeLessThan(REFUSAL_MS_MAX);
  }
  expect(recoveryMs).toBeLessThan(RECOVERY_MS_MAX);
}, 60_000);

it('what was acknowledged before the crash is there after it', async () => {
  const before = await admin.http.post(
    `/api/users/${admin.id}/credits`,
    { type: 'purchase', amount: 7 },
    { 'idempotency-key': 'kept' },
  );
  await postgres.crash();
  await postgres.restart();
  await until(async () => (await app.http.get('/api/health/ready')).status === 200, RECOVERY_MS_MAX);
  const again = await admin.http.post(
    `/api/users/${admin.id}/credits`,
    { type: 'purchase', amount: 7 },
    { 'idempotency-key': 'kept' },
  );
  expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([before.text, 'true']);
});
