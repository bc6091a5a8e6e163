import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startTestIssuer } from '../src/testing/index.ts';

const run = promisify(execFile);
const root = new URL('..', import.meta.url);
const readme = await readFile(new URL('README.md', root), 'utf8');
const samples = [...readme.matchAll(/```js run\n(.*?)```/gs)].map(([, code = '']) => code);

/** The sample as printed, in a process of its own, with the names it takes for granted replaced by real ones. */
async function runSample(code: string): Promise<string> {
  const issuer = await startTestIssuer({ algorithm: 'ES256', audience: 'my-service' });
  const token = issuer.mint({ sub: 'ada', scope: 'users:read' });
  const real = `const token = '${token}'\n${code.replace('https://sso.example.com', issuer.issuer)}`;
  const flags = ['--conditions=@org/source', '--input-type=module', '--eval', real];
  try {
    const { stdout } = await run(process.execPath, flags, { cwd: root, timeout: 20_000 });
    return stdout;
  } finally {
    await issuer.close();
  }
}

test('the README has its seven samples', () => {
  expect(samples).toHaveLength(7);
});

test.each(samples.map((code, i) => [i + 1, code] as const))('sample %d of the README runs', async (_, code) => {
  await expect(runSample(code)).resolves.toBe(code.includes('console.log') ? 'hello ada\n' : '');
});
