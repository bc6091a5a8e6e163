import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

import { ADMIN } from './app.ts';
import { startServer } from './server-process.ts';

const guide = readFileSync(new URL('../../../docs/guides/api.md', import.meta.url), 'utf8');
const script = [...guide.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('\n');

it('the lines of the API guide run as they stand, and answer what the guide says', async () => {
  const server = await (await startServer({ ADMIN_EMAIL: ADMIN.email })).ready();
  onTestFinished(() => server.kill());
  const env = { PATH: process.env['PATH'], BASE: server.url, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', script], { env });
  expect(stdout).toContain('"roles":["admin"]');
  expect(stdout).toContain('"type":"staff"');
  expect(stdout).toContain('bought once');
  expect(stdout).toContain('"balance":80,"held":0,"available":80');
  expect(stdout).toContain('"code":"credits.insufficient"');
  expect(stdout).toContain('"code":"request.invalid"');
  expect(stdout).toContain('"status":"inactive","inactive_reason":"left"');
  expect(stdout.trim().split('\n').slice(-2).join(' ')).toMatch(/204\s+401$/);
});
