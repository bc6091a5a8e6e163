import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';

import { TEST_SECRET } from './app.ts';
import { freshDatabase, temporaryFolder } from './databases.ts';
import { freePort, startServer, until, type ServerProcess } from './server-process.ts';

const run = promisify(execFile);

describe('a start', () => {
  const started: ServerProcess[] = [];
  const start = async (variables: Record<string, string>): Promise<ServerProcess> => {
    const server = await startServer(variables);
    started.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.kill()));
  });

  /** What it says when it refuses to start: it ends with 1, and one line that a person can act on. */
  async function refusalOf(variables: Record<string, string>): Promise<string> {
    const server = await start(variables);
    const code = await server.ended;
    const lines = server.stderr().trimEnd().split('\n');
    return `${code}, ${lines.length} line: ${lines[0]}`;
  }

  it('for the first time shows a password and three lines that work as printed, and never again', async () => {
    const databaseUrl = await freshDatabase('sqlite');
    const first = await (await start({ DATABASE_URL: databaseUrl, ADMIN_PASSWORD: '' })).ready();
    await until(() => first.stderr().includes('TOKEN='), 5_000);
    const password = /Password\s+(\S+)/.exec(first.stderr())?.[1] ?? '';
    const script = first
      .stderr()
      .split('\n')
      .filter((line) => /^(TOKEN|curl|ID)/.test(line));
    expect(script).toHaveLength(3);
    const { stdout } = await run('sh', ['-c', script.join('\n')]);
    expect(stdout).toContain('"email":"admin@example.org"');
    expect(stdout).toMatch(/"type":"spend","amount":-10,"balance_after":0/);
    expect(first.stdout()).not.toContain(password);
    await first.kill();
    const second = await (await start({ DATABASE_URL: databaseUrl, ADMIN_PASSWORD: '' })).ready();
    await second.signIn();
    expect(second.stderr()).toContain(`Users service   ${second.url}`);
    expect(second.stderr()).not.toMatch(/password|admin/i);
    expect(second.stdout()).not.toContain(password);
  });

  it('on a port in use says which, and has made no admin whose password nobody saw', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const databaseUrl = await freshDatabase('sqlite');
    expect(await refusalOf({ DATABASE_URL: databaseUrl, PORT: String(port), ADMIN_PASSWORD: '' })).toMatch(
      new RegExp(`^1, 1 line: Port ${port} on 127.0.0.1 is in use`),
    );
    taken.close();
    const next = await (await start({ DATABASE_URL: databaseUrl, ADMIN_PASSWORD: '' })).ready();
    await until(() => next.stderr().includes('Password'), 5_000);
  });

  it('in a folder that cannot be written names it', async () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    expect(await refusalOf({ DATABASE_URL: `sqlite:${file}/data/users.sqlite`, SECRET_KEY: '' })).toMatch(
      /a-file.* cannot be written/,
    );
    expect(await refusalOf({ DATABASE_URL: `sqlite:${file}/users.sqlite` })).toMatch(/a-file.* cannot be/);
  });

  it('with a file that is no database says so', async () => {
    const file = join(temporaryFolder(), 'users.sqlite');
    writeFileSync(file, 'this is no database, but long enough to look like a file that could be one'.repeat(100));
    expect(await refusalOf({ DATABASE_URL: `sqlite:${file}` })).toMatch(
      /^1, 1 line: The database .* cannot be used: .*not a database/,
    );
  });

  it('without the database says where it looked, and not the password', async () => {
    const nowhere = `127.0.0.1:${await freePort()}/users`;
    expect(await refusalOf({ DATABASE_URL: `postgres://user:hunter2@${nowhere}` })).toMatch(
      new RegExp(`^1, 1 line: The database postgres://${nowhere} cannot be used: .*ECONNREFUSED`),
    );
  });

  it('with a password that is no part of a URL names the variable, and nothing of the password', async () => {
    const line = await refusalOf({ DATABASE_URL: 'postgres://postgres:hun@ter/2@127.0.0.1:5432/users' });
    expect(line).toMatch(/^1, 1 line: DATABASE_URL must be postgres:/);
    expect(line).not.toMatch(/hun|ter\/2/);
  });

  it('with a password that holds an @ says where it looked, and nothing of the password', async () => {
    const nowhere = `127.0.0.1:${await freePort()}/users`;
    const line = await refusalOf({ DATABASE_URL: `postgres://user:hun@ter2@${nowhere}?application_name=quiet` });
    expect(line).toMatch(new RegExp(`^1, 1 line: The database postgres://${nowhere} cannot`));
    expect(line).not.toMatch(/hun|ter2|quiet/);
  });

  it('on a host that is no address names HOST', async () => {
    expect(await refusalOf({ HOST: '203.0.113.1', DATABASE_URL: await freshDatabase('sqlite') })).toMatch(
      /^1, 1 line: 203.0.113.1 is no address of this machine. Set HOST./,
    );
  });

  it('with PostgreSQL and no SECRET_KEY asks for one', async () => {
    expect(await refusalOf({ DATABASE_URL: await freshDatabase('postgresql'), SECRET_KEY: '' })).toMatch(
      /^1, 1 line: SECRET_KEY is required/,
    );
  });

  it('with another SECRET_KEY says so, and with the previous one beside it starts', async () => {
    const databaseUrl = await freshDatabase('sqlite');
    const first = await (await start({ DATABASE_URL: databaseUrl })).ready();
    await first.kill();
    const SECRET_KEY = 'another-secret-key-that-is-long-enough-02';
    expect(await refusalOf({ DATABASE_URL: databaseUrl, SECRET_KEY })).toMatch(
      /^1, 1 line: SECRET_KEY does not open the signing key .* SECRET_KEY_PREVIOUS/,
    );
    const SECRET_KEY_PREVIOUS = TEST_SECRET.reveal();
    const changing = await (await start({ DATABASE_URL: databaseUrl, SECRET_KEY, SECRET_KEY_PREVIOUS })).ready();
    await changing.kill();
    await (await start({ DATABASE_URL: databaseUrl, SECRET_KEY })).ready();
  });

  it('with bad variables prints every problem, one line each', async () => {
    const server = await start({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toBe(
      'PORT must be a whole number from 1 to 65535\nLOG_LEVEL must be trace, debug, info, warn, error, fatal or silent\n',
    );
  });
});

describe('several workers', () => {
  it('serve one port, one is replaced when it crashes, and all end together', async () => {
    const server = await startServer({ DATABASE_URL: await freshDatabase('postgresql'), WEB_CONCURRENCY: '2' });
    try {
      await server.ready();
      const pids = (): number[] =>
        [...server.stdout().matchAll(/"pid":(\d+),"msg":"listening"/g)].map(([, pid]) => Number(pid));
      await until(() => pids().length === 2, 10_000);
      process.kill(pids()[0] ?? 0, 'SIGKILL');
      await until(() => pids().length === 3, 10_000);
      expect((await server.http.get('/api/health/ready')).status).toBe(200);
      server.child.kill('SIGTERM');
      expect(await server.ended).toBe(0);
      expect(pids().filter(isAlive)).toEqual([]);
    } finally {
      await server.kill();
    }
  });

  it('end with 1 when the first cannot start', async () => {
    const server = await startServer({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none', WEB_CONCURRENCY: '2' });
    expect(await server.ended).toBe(1);
    expect(server.stderr().trimEnd().split('\n')).toHaveLength(1);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
