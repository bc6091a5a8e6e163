import { existsSync } from 'node:fs';
import { openCore, type Core } from '@org/core';

import { createApp } from './app.ts';
import { banner, firstStart } from './banner.ts';
import { ConfigInvalid, readConfig, type Config } from './config.ts';
import type { Lifecycle } from './http/exchange.ts';
import { createLog } from './http/log.ts';
import { createHttpServer, listen } from './server.ts';
import { drain, exitOnSignal } from './shutdown.ts';
import { startFailure } from './start-failure.ts';
import { isSupervisor, runsSetup, sayReady, superviseWorkers } from './workers.ts';

/** Keys and revocations made by other processes are known here after this long. */
const WATCH_MS = 500;

const config = configOrExit();
const log = createLog(config);
if (isSupervisor(config.webConcurrency)) superviseWorkers(config.webConcurrency, log);
else await serve().catch((error: unknown) => exitWith([startFailure(error, config)]));

async function serve(): Promise<void> {
  warnOfSqliteInProduction();
  const core = await openCore({
    databaseUrl: config.databaseUrl.reveal(),
    secretKey: config.secretKey,
    secretKeyPrevious: config.secretKeyPrevious,
    settings: config.settings,
    watchMs: WATCH_MS,
  });
  const lifecycle: Lifecycle = { phase: 'serving' };
  const app = createApp(core, config, { log, lifecycle });
  const setup = Promise.withResolvers<void>();
  let isSetUp = false;
  const server = createHttpServer((request, response) => {
    if (isSetUp) app(request, response);
    else void setup.promise.then(() => void app(request, response));
  }, log);
  // The port first: a start that fails here has made no admin whose password nobody saw. Who comes early waits for setup.
  await listen(server, config);
  exitOnSignal(async () => {
    await drain(server, lifecycle);
    await core.close();
    log.info('ended');
    log.flush();
  });
  await greet(core);
  isSetUp = true;
  setup.resolve();
  sayReady();
}

async function greet(core: Core): Promise<void> {
  const url = `http://${reachable(config.host)}:${config.port}`;
  const people = process.stdout.isTTY && !config.production ? process.stdout : process.stderr;
  if (runsSetup()) {
    const { email, password } = config.admin;
    const admin = await core.setup({ adminEmail: email, adminPassword: password });
    if (!config.production) people.write(`${banner(url)}\n`);
    if (admin !== undefined) people.write(`${firstStart(url, admin)}\n`);
  }
  log.info({ url, issuer: core.settings.issuer, pid: process.pid }, 'listening');
}

/** What to type on this machine for the address that is listened on. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function warnOfSqliteInProduction(): void {
  if (!config.production || !config.databaseUrl.reveal().startsWith('sqlite:')) return;
  log.warn('SQLite in production: one machine only, and back up the file. DATABASE_URL=postgres://… serves several.');
}

function configOrExit(): Config {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    return readConfig();
  } catch (error) {
    return exitWith(error instanceof ConfigInvalid ? error.problems : [String(error)]);
  }
}

function exitWith(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(1);
}
