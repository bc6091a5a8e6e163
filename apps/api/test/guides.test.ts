import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

import { ADMIN } from './app.ts';
import { startServer } from './server-process.ts';

/** What the lines of a guide print, run as they stand against a server of their own. */
async function printedBy(guide: string): Promise<string> {
  const text = readFileSync(new URL(`../../../docs/guides/${guide}`, import.meta.url), 'utf8');
  const script = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('\n');
  const server = await (await startServer({ ADMIN_EMAIL: ADMIN.email })).ready();
  onTestFinished(() => server.kill());
  const env = { PATH: process.env['PATH'], BASE: server.url, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', script], { env });
  return stdout;
}

it('the lines of the API guide run as they stand, and answer what the guide says', async () => {
  const stdout = await printedBy('api.md');
  expect(stdout).toContain('"roles":["admin"]');
  expect(stdout).toContain('"type":"staff"');
  expect(stdout).toContain('bought once');
  expect(stdout).toContain('"balance":80,"held":0,"available":80');
  expect(stdout).toContain('"code":"credits.insufficient"');
  expect(stdout).toContain('"code":"request.invalid"');
  expect(stdout).toContain('"status":"inactive","inactive_reason":"left"');
  expect(stdout.trim().split('\n').slice(-2).join(' ')).toMatch(/204\s+401$/);
});

it('the lines of the token guide run as they stand, and answer what the guide says', async () => {
  const stdout = await printedBy('tokens.md');
  expect(stdout).toMatch(/"state":"next".*"withdrawn":null,"effect":"Key \S+ is published and signs from/s);
  expect(stdout).toMatch(/"withdrawn":\{[^}]*"state":"gone".*is refused here from now on/);
  expect(stdout).toMatch(/cache-control: private, max-age=3/i);
  expect(stdout).toMatch(/"device":"curl[^"]*","address":"127.0.0.1"/);
  expect(stdout).toMatch(/"active":true,.*\}204\s+\{"active":false\}204\s*$/s);
});

it('the lines of the credits guide run as they stand, and answer what the guide says', async () => {
  const stdout = await printedBy('credits-api.md');
  expect(stdout).toContain('"expires_next":{"amount":20,"at":"2099-01-01T00:00:00.000Z"}');
  expect(stdout).toContain('"captured":30,"released":30,"held":0,"status":"closed"');
  expect(stdout).toContain('"type":"transfer_out"');
  expect(stdout).toMatch(/\{"data":\[\{"status":201,.*\{"status":402,.*\{"status":201,/);
  expect(stdout).toContain('"unit":"gold","balance":3');
  expect(stdout).toContain('"floor":-100,"ceiling":1000');
  expect(stdout).toContain('"at":"2020-01-01T00:00:00.000Z","balance":0');
  expect(stdout).toContain('"has_more":true');
  expect(stdout).toMatch(/^,2099-01-01T00:00:00.000Z,closing,credit,,60,,0,/m);
  expect(stdout.trim().split('\n').at(-1)).toMatch(/^eyJ/);
});
