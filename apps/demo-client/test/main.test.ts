import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { startTestIssuer } from '@org/jwt-client/testing';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url);

function start(environment: Record<string, string>): ChildProcess {
  const env = { PATH: process.env['PATH'], PORT: '0', ...environment };
  return spawn(process.execPath, ['--conditions=@org/source', 'src/main.ts'], { cwd: root, env });
}

async function ended(demo: ChildProcess): Promise<{ code: unknown; errors: string }> {
  let errors = '';
  demo.stderr?.on('data', (chunk: Buffer) => (errors += String(chunk)));
  const [code] = (await once(demo, 'close')) as unknown[];
  return { code, errors };
}

/** Waits for the line that says where it listens. */
async function addressOf(demo: ChildProcess): Promise<string> {
  if (!demo.stdout) throw new Error('The demo client has no output');
  for await (const chunk of demo.stdout.iterator({ destroyOnReturn: false })) {
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk))?.[0];
    if (address) return address;
  }
  throw new Error('The demo client ended without saying where it listens');
}

test('the program accepts tokens of the issuer in its environment, and ends on SIGTERM', async () => {
  const issuer = await startTestIssuer({ algorithm: 'ES256', audience: 'demo' });
  const demo = start({ ISSUER: issuer.issuer, AUDIENCE: 'demo' });
  const address = await addressOf(demo);
  const answer = await fetch(`${address}/me`, { headers: { Authorization: `Bearer ${issuer.mint({ sub: 'ada' })}` } });
  expect(await answer.json()).toMatchObject({ subject: 'ada' });
  const status: unknown = await (await fetch(`${address}/status`)).json();
  expect(status).toMatchObject({ outgoing_requests: 3, revocations: { state: 'fresh', entries: 0 } });
  demo.kill('SIGTERM');
  expect(await ended(demo)).toEqual({ code: 0, errors: '' });
  await issuer.close();
});

test('a port in use is one clear line and exit code 1', async () => {
  const first = start({});
  const port = new URL(await addressOf(first)).port;
  const line = `Cannot listen on 127.0.0.1 port ${port}: the port is in use: stop the other program, or set PORT to a free one\n`;
  expect(await ended(start({ PORT: port }))).toEqual({ code: 1, errors: line });
  first.kill('SIGTERM');
  await ended(first);
});

test.each([
  [{ PORT: 'http' }, 'PORT must be a whole number from 0 to 65535\n'],
  [
    { ISSUER: 'http://sso.example.com' },
    'issuer must be an absolute URL without white space: https, or http on loopback\n',
  ],
])('%j is one clear line and exit code 1', async (environment, errors) => {
  expect(await ended(start(environment))).toEqual({ code: 1, errors });
});
