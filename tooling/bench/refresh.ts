/**
 * `npm run bench -- refresh [--processes 2] [--seconds 5] [--windows 3]`: how many refresh
 * tokens a second are rotated over HTTP, with a PostgreSQL of its own (`fsync=on`) and the load generator on the same
 * machine. Each token is the one that the last answer gave, as clients do it. Exits 1 below the promise.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { openCore, Secret } from '@org/core';
import { startServer } from '@org/tour/server';

import { start } from './src/child.ts';
import { createCleanup } from './src/cleanup.ts';
import { connect } from './src/connection.ts';
import { median, percentile } from './src/numbers.ts';

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
      `POST /api/auth/refresh: ${perSecond.toFixed(0)}/s, p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, ${others} failed`,
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

/** Each connection takes a token, sends it, and puts its successor at the end of the queue. */
async function load(url: string, refreshTokens: string[], seconds: number) {
  const latenciesMs: number[] = [];
  let others = 0;
  const endMs = performance.now() + seconds * 1000;
  const keepRefreshing = async (): Promise<void> => {
    const connection = await connect(url);
    for (let sentMs = performance.now(); sentMs < endMs; sentMs = performance.now()) {
      const { status, body } = await connection.ask(requestFor(url, refreshTokens.shift() ?? ''));
      if (status === 200) {
        latenciesMs.push(performance.now() - sentMs);
        refreshTokens.push((JSON.parse(body) as { refresh_token: string }).refresh_token);
      } else others += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, keepRefreshing));
  const [p50Ms, p99Ms] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)];
  return { perSecond: latenciesMs.length / seconds, others, p50Ms, p99Ms };
}

function requestFor(url: string, token: string): string {
  const body = JSON.stringify({ refresh_token: token });
  const head = [
    'POST /api/auth/refresh HTTP/1.1',
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
