/**
 * `node tooling/bench/refresh.ts [--processes 2] [--seconds 5] [--windows 3]`, after `npm run build`: how many refresh
 * tokens a second are rotated over HTTP, with a PostgreSQL of its own (`fsync=on`) and the load generator on the same
 * machine. Each token is the one that the last answer gave, as clients do it. Exits 1 below the promise.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openCore, Secret } from '@org/core';
import { startServer } from '@org/tour/server';
import autocannon, { type Request } from 'autocannon';

import { start } from './src/child.ts';
import { createCleanup } from './src/cleanup.ts';
import { median } from './src/numbers.ts';

const PER_SECOND_MIN = 600;
const CONNECTIONS = 64;
const SESSIONS = 128;
const USERS = 16;
const PASSWORD = 'four-grey-geese-on-a-lake';
const ISSUER = 'http://127.0.0.1:8000';

const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '5' },
    windows: { type: 'string', default: '3' },
  },
});
const cleanup = createCleanup();
try {
  process.exitCode = await measure();
} finally {
  await cleanup.all();
}

async function measure(): Promise<number> {
  const secretKey = randomBytes(48).toString('base64url');
  const { said } = await start<{ databaseUrl: string }>(cleanup, 'postgres', {});
  const refreshTokens = await signIn(said.databaseUrl, secretKey);
  const environment = { NODE_ENV: 'production', DATABASE_URL: said.databaseUrl, SECRET_KEY: secretKey, ISSUER };
  const server = await startServer({ environment, processes: Number(values.processes) });
  cleanup.keep(() => server.stop());
  await load(server.url, refreshTokens, 2);
  const rates: number[] = [];
  for (let window = 0; window < Number(values.windows); window++) {
    const { perSecond, others, p50Ms, p99Ms } = await load(server.url, refreshTokens, Number(values.seconds));
    console.log(
      `POST /api/auth/refresh: ${perSecond.toFixed(0)}/s, p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${others} failed`,
    );
    if (others > 0) return 1;
    rates.push(perSecond);
  }
  const isMet = median(rates) >= PER_SECOND_MIN;
  console.log(`median ${median(rates).toFixed(0)}/s, promised ${PER_SECOND_MIN}/s: ${isMet ? 'met' : 'missed'}`);
  return isMet ? 0 : 1;
}

/** Sessions of a few users: each rotates its own family, as it is when many are signed in. */
async function signIn(databaseUrl: string, secretKey: string): Promise<string[]> {
  const core = await openCore({ databaseUrl, secretKey: new Secret(secretKey), settings: { issuer: ISSUER } });
  try {
    const email = (index: number): string => `user${index % USERS}@example.org`;
    await core.setup({ adminEmail: 'admin@example.org', adminPassword: new Secret(PASSWORD) });
    for (let index = 0; index < USERS; index++) await core.users.create({ email: email(index), password: PASSWORD });
    const tokens: string[] = [];
    for (let index = 0; index < SESSIONS; index++) {
      const pair = await core.sessions.login({ email: email(index), password: PASSWORD });
      tokens.push(pair.refreshToken);
    }
    return tokens;
  } finally {
    await core.close();
  }
}

/** Takes a token, sends it, and puts its successor at the end of the queue; or the token, when the end cut its answer off. */
async function load(url: string, refreshTokens: string[], duration: number) {
  const unanswered = new Set<string>();
  const request: Request = {
    method: 'POST',
    setupRequest(_, exchange) {
      const token = refreshTokens.shift() ?? '';
      unanswered.add(token);
      exchange.sent = token;
      const headers = { 'content-type': 'application/json' };
      return { ...request, path: '/api/auth/refresh', headers, body: JSON.stringify({ refresh_token: token }) };
    },
    onResponse(status, body, exchange) {
      unanswered.delete(exchange.sent ?? '');
      if (status === 200) refreshTokens.push((JSON.parse(body) as { refresh_token: string }).refresh_token);
    },
  };
  const result = await autocannon({ url, connections: CONNECTIONS, duration, requests: [request] });
  refreshTokens.push(...unanswered);
  return {
    perSecond: result['2xx'] / result.duration,
    others: result.non2xx + result.errors,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
