import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startServer } from '../src/server.ts';
import { steps } from '../src/steps/index.ts';

const room = new URL('..', import.meta.url);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tour-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(environment: Record<string, string> = {}): ChildProcess {
  const env = { PATH: process.env['PATH'], TMPDIR: folder, ...environment };
  return spawn(process.execPath, ['main.ts'], { cwd: room, env });
}

/** Everything that the tour says until it ends. */
async function ended(tour: ChildProcess): Promise<{ code: unknown; output: string; errors: string }> {
  const said = { output: '', errors: '' };
  tour.stdout?.setEncoding('utf8').on('data', (text: string) => (said.output += text));
  tour.stderr?.setEncoding('utf8').on('data', (text: string) => (said.errors += text));
  const [code] = (await once(tour, 'close')) as [unknown];
  return { code, ...said };
}

test('the tour takes every step on a server of its own and leaves nothing behind', async () => {
  const { code, output, errors } = await ended(start());
  expect(errors).toBe('');
  for (const [index, { title }] of steps.entries())
    expect(output).toContain(`${index + 1}/${steps.length}  ${title}\n`);
  expect(output).toContain('refused: credit_entry is immutable: update refused');
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('what it prints fits 80 columns, has no colour outside a terminal, and holds no password or token', async () => {
  const { output } = await ended(start());
  expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(output).not.toContain('\u001B');
  expect(output).toContain('"password":"…"');
  expect(output).not.toMatch(/eyJ[\w-]{20}/);
});

test('a running server can be visited: the user that was made there is removed again', async () => {
  const admin = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'seven-tall-giraffes' };
  const server = await startServer({
    environment: { DATABASE_URL: `sqlite:${join(folder, 'users.sqlite')}`, ...admin },
  });
  const { code, output, errors } = await ended(start({ TOUR_URL: server.url, ...admin }));
  await server.stop();
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toContain(`${steps.length - 1}/${steps.length - 1}  Sign-out`);
  expect(output).toMatch(/Tidying up\n {2}→ DELETE .+\n {2}← 204/);
});

test('interrupted, it still ends its server and removes its files', async () => {
  const tour = start();
  const end = ended(tour);
  const firstLine = String(await once(tour.stdout ?? tour, 'data'));
  tour.kill('SIGINT');
  expect(await end).toMatchObject({ code: 130, errors: '' });
  expect(readdirSync(folder)).toEqual([]);
  const url = /http:\S+/.exec(firstLine)?.[0] ?? '';
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

const admin = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'seven-tall-giraffes' };
const closed = 'http://127.0.0.1:9';

test.each([
  [{ TOUR_URL: closed, ...admin }, `GET /api/health got no answer from ${closed}`],
  [{ TOUR_URL: closed }, 'With TOUR_URL set ADMIN_EMAIL and ADMIN_PASSWORD too'],
  [{ TOUR_URL: 'somewhere', ...admin }, 'TOUR_URL must be the address of a server'],
])('%j is one clear line and exit code 1', async (environment, reason) => {
  const { code, errors } = await ended(start(environment));
  expect(errors).toMatch(/^[^\n]+\n$/);
  expect(errors).toContain(reason);
  expect(code).toBe(1);
});
