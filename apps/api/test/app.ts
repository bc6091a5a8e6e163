import { openCore, Secret, type Core } from '@org/core';
import { pino } from 'pino';

import { createApp } from '../src/app.ts';
import { readConfig, type Config } from '../src/config.ts';
import type { Lifecycle } from '../src/http/exchange.ts';
import { createHttpServer, listen } from '../src/server.ts';
import { httpClient, type Http } from './http.ts';

export const TEST_SECRET = new Secret('kR7-vW2x_Qp9Lm4Zt8Yb3Nc6Hd1Fg5Js');
export const ADMIN = { email: 'admin@example.org', password: 'the admin password' };

/** A clock that stands still until it is told to move. */
interface TestClock {
  (): Date;
  advanceSeconds(seconds: number): void;
}

export function testClock(): TestClock {
  let now = new Date('2026-01-15T12:00:00.000Z');
  return Object.assign(() => now, {
    advanceSeconds: (seconds: number) => void (now = new Date(now.getTime() + seconds * 1000)),
  });
}

export interface SignedIn {
  readonly id: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly http: Http;
}

/** The real app on a real database behind a real port. */
export interface TestApp {
  readonly url: string;
  readonly core: Core;
  readonly clock: TestClock;
  readonly lifecycle: Lifecycle;
  readonly logged: () => string;
  /** Nobody in particular. */
  readonly http: Http;
  /** Makes a user with these roles and signs in. */
  user(email: string, options?: { roles?: string[] }): Promise<SignedIn>;
  admin(): Promise<SignedIn>;
  signIn(email: string, password: string): Promise<SignedIn>;
  /** Stops serving and leaves the core open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

const CHEAP_HASHES = { argon2MemoryKib: 1024, argon2Passes: 1 };

export async function openTestApp(databaseUrl: string, changes: Partial<Config> = {}): Promise<TestApp> {
  const config: Config = { ...readConfig({}), ...changes };
  const clock = testClock();
  const settings = { ...config.settings, ...CHEAP_HASHES };
  const core = await openCore({ databaseUrl, secretKey: TEST_SECRET, settings, clock });
  await core.setup({ adminEmail: ADMIN.email, adminPassword: new Secret(ADMIN.password) });
  const lifecycle: Lifecycle = { phase: 'serving' };
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const server = createHttpServer(createApp(core, config, { log, lifecycle }), log);
  const { port } = await listen(server, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const http = httpClient(url);

  const signIn = async (email: string, password: string): Promise<SignedIn> => {
    const { body } = await http.post('/api/auth/login', { email, password });
    const token = String(body['access_token']);
    const mine = httpClient(url, { authorization: `Bearer ${token}` });
    const me = await mine.get('/api/users/me');
    return { id: String(me.body['id']), token, refreshToken: String(body['refresh_token']), http: mine };
  };
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url,
    core,
    clock,
    lifecycle,
    logged: () => lines.join(''),
    http,
    signIn,
    admin: () => signIn(ADMIN.email, ADMIN.password),
    async user(email, { roles } = {}) {
      await core.users.create({ email, password: 'a long password', roles });
      return signIn(email, 'a long password');
    },
    stop,
    async close() {
      await stop();
      await core.close();
    },
  };
}
