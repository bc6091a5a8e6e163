import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// What is published, checked as a stranger gets it: built, packed, unpacked. `pnpm package:check` runs this alone.

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const entries = ['', '/express', '/fastify', '/hono', '/m2m', '/receipts', '/testing', '/web'];
let home = '';
let tarball = '';

/** Output and exit code of a program; a failure of the program is an outcome, not an exception. */
async function outcomeOf(program: string, args: readonly string[], cwd = home) {
  try {
    const { stdout, stderr } = await run(program, args, {
      cwd,
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code: unknown; stdout?: string; stderr?: string };
    return { code, output: stdout + stderr };
  }
}

async function succeed(program: string, args: readonly string[], cwd = home): Promise<string> {
  const { code, output } = await outcomeOf(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${output}`);
  return output;
}

const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();

/** Builds into `dist`, file by file, so that whoever runs from it meanwhile is not disturbed; what is left over goes. */
async function build(): Promise<void> {
  const fresh = join(home, 'dist');
  await succeed(bin('tsc'), ['-p', 'tsconfig.build.json', '--outDir', fresh], root);
  await cp(fresh, join(root, 'dist'), { recursive: true });
  const built = new Set(await filesIn(fresh));
  const stale = (await filesIn(join(root, 'dist'))).filter((file) => !built.has(file));
  await Promise.all(stale.map((file) => rm(join(root, 'dist', file))));
}

/** By pnpm, as at a release: it replaces `exports` by those of `publishConfig`. */
async function pack(): Promise<string> {
  const { npm_execpath: pnpm = '' } = process.env;
  const args = ['pack', '--pack-destination', home];
  if (/pnpm[^/\\]*\.[cm]?js$/.test(pnpm)) await succeed(process.execPath, [pnpm, ...args], root);
  else await succeed('pnpm', args, root);
  return join(home, (await readdir(home)).find((name) => name.endsWith('.tgz')) ?? 'no tarball');
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'jwt-client-package-'));
  await build();
  tarball = await pack();
  const installed = join(home, 'node_modules/@org/jwt-client');
  await mkdir(installed, { recursive: true });
  await succeed('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  await mkdir(join(home, 'node_modules/@types'));
  await symlink(join(root, 'node_modules/@types/node'), join(home, 'node_modules/@types/node'));
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

test('it holds these files and no other', async () => {
  const files = await filesIn(join(home, 'node_modules/@org/jwt-client'));
  await expect(`${files.join('\n')}\n`).toMatchFileSnapshot('files.txt');
});

test('publint finds nothing', async () => {
  expect(await succeed(bin('publint'), ['run', tarball, '--strict'])).toMatch(/All good/);
});

test('its types resolve as its code does: attw', async () => {
  const args = [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'];
  const output = await succeed(bin('attw'), args);
  expect(output.match(/OK \(ESM\)/g)).toHaveLength(entries.length);
}, 60_000);

test('its entries keep to their size', async () => {
  expect(await succeed(bin('size-limit'), [], root)).not.toContain('exceeded');
}, 60_000);

test.each([
  ['import', ['--input-type=module', '--eval']],
  ['require', ['--input-type=commonjs', '--eval']],
])('every entry can be loaded by %s', async (how, args) => {
  const load = how === 'import' ? 'await import' : 'require';
  const lines = entries.map((entry) => `console.log(Object.keys(${load}('@org/jwt-client${entry}')).sort().join(' '))`);
  expect((await succeed(process.execPath, [...args, lines.join(';')])).trim().split('\n')).toEqual([
    'AccessTokenError RoleMissing ScopeMissing TokenMalformed TokenMissing createVerifier',
    'auth authOf requires',
    'auth authOf requires',
    'auth authOf requires',
    'ServiceTokenError createServiceToken',
    'ReceiptInvalid verifyReceipt',
    'createTestClock createTestIssuer startTestIssuer',
    'AccessTokenError RoleMissing ScopeMissing TokenMalformed TokenMissing auth createVerifier',
  ]);
});

test('it verifies a token', async () => {
  const program = `
    import { createVerifier } from '@org/jwt-client'
    import { createTestIssuer } from '@org/jwt-client/testing'
    const issuer = createTestIssuer()
    const { subject } = await createVerifier(issuer.verifierOptions).verify(issuer.mint({ sub: 'ada' }))
    console.log(subject)`;
  expect(await succeed(process.execPath, ['--input-type=module', '--eval', program])).toBe('ada\n');
});

describe('its types', () => {
  const options = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2023',
  ];
  const types = ['--types', 'node', '--lib', 'es2024'];

  const compile = async (name: string, code: string) => {
    const file = `${name}.mts`;
    await writeFile(join(home, file), code);
    return file;
  };

  const use = `
    import { AccessTokenError, createVerifier, type Auth, type ErrorCode } from '@org/jwt-client'
    import { auth, requires } from '@org/jwt-client/express'
    import * as fastify from '@org/jwt-client/fastify'
    import * as hono from '@org/jwt-client/hono'
    import { createServiceToken } from '@org/jwt-client/m2m'
    import { verifyReceipt } from '@org/jwt-client/receipts'
    import { createTestIssuer } from '@org/jwt-client/testing'
    import * as web from '@org/jwt-client/web'
    const issuer = createTestIssuer()
    const verifier = createVerifier({ issuer: 'https://sso.example.com', audience: ['a', 'b'], revocation: { onStale: 'refuse' } })
    const who: Auth = verifier.verifySync(issuer.mint(), { scope: 'users:read', role: ['admin'] })
    const edge = web.createVerifier(issuer.verifierOptions)
    export const guards = [auth(verifier), requires({ role: 'admin' }), fastify.auth(edge), hono.auth(edge), web.auth(edge)]
    export const fetchAs: typeof fetch = createServiceToken({ tokenUrl: 'https://sso.example.com/token', clientId: 'a', clientSecret: 'b' })
    export const entry: number = verifyReceipt('x', { issuer: 'x', keys: issuer.jwks() }).receipt.amount
    export const subject: string = who.subject
    const outcome = await verifier.safeVerify('x')
    if (!outcome.ok) switch (outcome.error.code) {
      case 'scope_missing': { const code: 'scope_missing' = outcome.error.code; console.log(code); break }
      default: { const rest: Exclude<ErrorCode, 'scope_missing'> = outcome.error.code; console.log(rest) }
    }
    try { who.can({ scope: 'x' }) } catch (error) { if (error instanceof AccessTokenError) { const code: ErrorCode = error.code; console.log(code) } }
  `;

  test('let an application compile that uses them rightly', async () => {
    expect(await succeed(bin('tsc'), [...options, ...types, await compile('right', use)])).toBe('');
  }, 60_000);

  test('let none compile that uses them wrongly', async () => {
    const start = `import { createVerifier } from '@org/jwt-client'\nconst options = { issuer: 'https://a.b', audience: 'c' }\n`;
    const wrong = {
      'no-audience': `createVerifier({ issuer: 'https://a.b' })`,
      'no-issuer': `createVerifier({ audience: 'a' })`,
      hmac: `createVerifier({ ...options, algorithms: ['HS256'] })`,
      none: `createVerifier({ ...options, algorithms: ['none'] })`,
      'misspelt-need': `createVerifier(options).verifySync('x', { scopes: 'a' })`,
      'unawaited-auth': `createVerifier(options).verify('x').subject`,
      'unchecked-outcome': `(await createVerifier(options).safeVerify('x')).auth.subject`,
      'writable-roles': `createVerifier(options).verifySync('x').roles.push('admin')`,
      'unknown-claim-type': `createVerifier(options).verifySync('x').claims['tenant'].length`,
      'unknown-code': `const o = await createVerifier(options).safeVerify('x'); if (!o.ok && o.error.code === 'expired') {}`,
      'on-stale': `createVerifier({ ...options, revocation: { onStale: 'ignore' } })`,
      'deep-import': `import '@org/jwt-client/dist/jws/json.js'`,
      'sync-on-the-web': `(await import('@org/jwt-client/web')).createVerifier(options).verifySync('x')`,
      'no-secret': `(await import('@org/jwt-client/m2m')).createServiceToken({ tokenUrl: 'x', clientId: 'y' })`,
      'no-keys': `(await import('@org/jwt-client/receipts')).verifyReceipt('x', { issuer: 'y' })`,
    };
    const files = Object.entries(wrong).map(([name, code]) => compile(name, start + code));
    const { output } = await outcomeOf(bin('tsc'), [...options, ...types, ...(await Promise.all(files))]);
    const refused = new Set(output.match(/^[a-z-]+(?=\.mts)/gm));
    expect([...refused].toSorted()).toEqual(Object.keys(wrong).toSorted());
  }, 60_000);
});
