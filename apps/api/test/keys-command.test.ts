import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openCore, Secret } from '@org/core';
import { expect, it } from 'vitest';

import { ADMIN, TEST_SECRET } from './app.ts';
import { describeOnEachDatabase, freshDatabase } from './databases.ts';

const program = new URL('../src/keys.ts', import.meta.url).pathname;

/** The command in a process of its own, with the variables of a server. */
async function keys(databaseUrl: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, SECRET_KEY: TEST_SECRET.reveal() };
  try {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--conditions=@org/source', program, ...args], { env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

describeOnEachDatabase('keys on the command line', (database) => {
  it('rotates beside a running server, which signs with the new key when its time has come', async () => {
    const databaseUrl = await freshDatabase(database);
    await using core = await openCore({ databaseUrl, secretKey: TEST_SECRET, watchMs: 20 });
    await core.setup({ adminEmail: ADMIN.email, adminPassword: new Secret(ADMIN.password) });
    const [first] = await core.keys.list();

    const rotated = await keys(databaseUrl, 'rotate');
    expect(rotated.code).toBe(0);
    const [, kid = '', from = ''] = /^Key (\S+) is published and signs from (\S+) on\..*\n$/.exec(rotated.said) ?? [];
    expect(new Date(from).getTime()).toBeGreaterThan(Date.now());
    await expect.poll(() => core.keys.jwks().keys.map((key) => key.kid)).toContain(kid);
    expect((await keys(databaseUrl, 'rotate')).said).toContain(kid);

    const { code, said } = await keys(databaseUrl);
    expect(code).toBe(0);
    expect(said.trim().split('\n')).toEqual([
      `${kid}  RS256  next      signs from ${from} on`,
      `${first?.kid}  RS256  active    signs since ${first?.activeFrom.toISOString()}`,
    ]);
  });

  it('withdraws a compromised key at once', async () => {
    const databaseUrl = await freshDatabase(database);
    await using core = await openCore({ databaseUrl, secretKey: TEST_SECRET, watchMs: 20 });
    await core.setup({ adminEmail: ADMIN.email, adminPassword: new Secret(ADMIN.password) });
    const [first] = await core.keys.list();
    const { code, said } = await keys(databaseUrl, 'rotate', '--emergency', '--kid', String(first?.kid));
    expect([code, said.trim().split('\n').length]).toEqual([0, 1]);
    await expect.poll(() => core.keys.jwks().keys.map((key) => key.kid)).not.toContain(first?.kid);
  });
});

it.each([
  ['a database that is not there', 'sqlite:/nowhere/users.sqlite', ['rotate'], /There is no database \/nowhere/],
  ['another command', 'sqlite::memory:', ['destroy'], /^Usage: keys/],
  ['a list with --emergency', 'sqlite::memory:', ['--emergency'], /^Usage: keys/],
  ['an option that there is not', 'sqlite::memory:', ['--force'], /^Usage: keys/],
  ['a key that is named without an emergency', 'sqlite::memory:', ['rotate', '--kid', 'x'], /^Usage: keys/],
])('%s is told in one line and changes nothing', async (_, databaseUrl, args, reason) => {
  const { code, said } = await keys(databaseUrl, ...args);
  expect(code).toBe(1);
  expect(said).toMatch(reason);
  expect(said.trim().split('\n')).toHaveLength(1);
});
