import { readdir, readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import type { Algorithm } from '../../src/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import { auth, createVerifier } from '../../src/web/index.ts';
import { start, testClock, verdictOf } from '../setting.ts';

async function open(algorithm: Algorithm = 'ES256') {
  const clock = testClock();
  const issuer = createTestIssuer({ algorithm, clock });
  const verifier = createVerifier(issuer.verifierOptions);
  await verifier.ready();
  return { issuer, verifier, clock };
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const respelt = (token: string) => token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1];

describe.each<Algorithm>(['RS256', 'PS256', 'ES256'])('%s', (algorithm) => {
  test('right signatures are accepted, wrong ones refused', async () => {
    const { issuer, verifier } = await open(algorithm);
    const token = issuer.mint({ sub: 'ada' });
    const [head, body, signature = ''] = token.split('.');
    const bytes = Buffer.from(signature, 'base64url').map((byte, i) => (i === 9 ? byte ^ 1 : byte));
    const flipped = Buffer.from(bytes).toString('base64url');
    await expect(verifier.verify(token)).resolves.toMatchObject({ subject: 'ada', kind: 'user' });
    expect(await verdictOf(verifier.verify(`${head}.${body}.${flipped}`))).toBe('signature_invalid');
    const stranger = createTestIssuer({ algorithm, clock: testClock() });
    expect(await verdictOf(verifier.verify(stranger.mint({}, { kid: issuer.kid })))).toBe('signature_invalid');
  });
});

describe('the same checks as on Node', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['alg none', {}, { alg: 'none' }, 'algorithm_not_allowed'],
    ['HMAC', {}, { alg: 'HS256' }, 'algorithm_not_allowed'],
    ['an ID token', {}, { typ: 'JWT' }, 'type_mismatch'],
    ['crit', {}, { crit: ['x'] }, 'critical_unsupported'],
    ['no kid', {}, { kid: undefined }, 'kid_invalid'],
    ['unknown kid', {}, { kid: 'x' }, 'kid_unknown'],
    ['expired', { exp: start - 5 }, {}, 'token_expired'],
    ['issued in the future', { iat: start + 6 }, {}, 'token_issued_in_future'],
    ['exp as text', { exp: '1' }, {}, 'claim_invalid'],
    ['no jti', { jti: undefined }, {}, 'claim_missing'],
    ['another audience', { aud: 'x' }, {}, 'audience_mismatch'],
    ['another issuer', { iss: 'x' }, {}, 'issuer_mismatch'],
    ['9 kB', { pad: 'x'.repeat(9000) }, {}, 'token_too_large'],
  ])('%s', async (_, claims, header, expected) => {
    const { issuer, verifier } = await open();
    expect(await verdictOf(verifier.verify(issuer.mint(claims, header)))).toBe(expected);
  });

  test.each<[string, (token: string) => string]>([
    ['flipped trailing bits', respelt],
    ['padding', (token) => `${token}==`],
    ['a line break', (token) => `${token}\n`],
    ['two parts', (token) => token.split('.').slice(0, 2).join('.')],
    ['a part of one character', (token) => `${token.split('.').slice(0, 2).join('.')}.A`],
    ['a character beyond Latin-1', (token) => `${token.slice(0, -1)}\u{1f511}`],
  ])('%s is refused', async (_, bend) => {
    const { issuer, verifier } = await open();
    expect(await verdictOf(verifier.verify(bend(issuer.mint())))).toBe('token_malformed');
  });

  test('claims in any script are read, tokens are remembered, and time and needs are checked again', async () => {
    const { issuer, verifier, clock } = await open();
    const token = issuer.mint({ name: 'Ada \u{1f511} Žofie', scope: 'users:read', pad: 'x'.repeat(4000) });
    const first = await verifier.verify(token);
    expect(first.claims['name']).toBe('Ada \u{1f511} Žofie');
    expect(await verifier.verify(token)).toBe(first);
    expect(await verdictOf(verifier.verify(token, { scope: 'users:write' }))).toBe('scope_missing');
    clock.advance(905);
    expect(await verdictOf(verifier.verify(token))).toBe('token_expired');
  });

  test('rotation, withdrawal, revocation and outage', async () => {
    const { issuer, verifier, clock } = await open();
    const old = issuer.mint({ sid: 's-1' });
    const withdrawn = issuer.kid;
    issuer.rotate();
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    issuer.revoke({ sid: 's-1' });
    clock.advance(11);
    expect(await verdictOf(verifier.verify(old))).toBe('token_revoked');
    issuer.withdraw(withdrawn);
    clock.advance(400);
    expect(await verdictOf(verifier.verify(old))).toBe('kid_unknown');
    issuer.outage = true;
    clock.advance(400);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    verifier.close();
  });

  test('keys handed over are imported before the first answer', async () => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { keys: issuer.jwks() } });
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
  });

  test('there is no verifySync: WebCrypto answers with promises', async () => {
    expect(Object.keys((await open()).verifier).toSorted()).toEqual([
      'close',
      'ready',
      'safeVerify',
      'status',
      'verify',
    ]);
  });
});

describe('auth() for fetch handlers', () => {
  test('admits, or hands over the response to return', async () => {
    const { issuer, verifier } = await open();
    const admit = auth(verifier, { scope: 'users:read' });
    const request = (authorization?: string) =>
      new Request('https://app.test/', authorization === undefined ? {} : { headers: { authorization } });
    const good = await admit(request(`Bearer ${issuer.mint({ sub: 'ada', scope: 'users:read' })}`));
    expect(good.ok && good.auth.subject).toBe('ada');
    const answers = [await admit(request()), await admit(request(`Bearer ${issuer.mint()}`))];
    const responses = answers.map((answer) => (answer.ok ? undefined : answer.response));
    expect(responses.map((response) => response?.status)).toEqual([401, 403]);
    expect(responses[1]?.headers.get('www-authenticate')).toMatch(/insufficient_scope.*scope="users:read"/);
    expect(responses[1]?.headers.get('content-type')).toBe('application/problem+json');
    expect(await responses[0]?.json()).toMatchObject({ status: 401, code: 'token_missing' });
  });

  test('what is no refusal is thrown on', async () => {
    const { verifier } = await open();
    const broken = auth({ ...verifier, verify: () => Promise.reject(new Error('a bug')) });
    await expect(broken(new Request('https://app.test/', { headers: { authorization: 'Bearer x' } }))).rejects.toThrow(
      'a bug',
    );
    expect(() => auth(verifier, { scopes: 'x' } as object)).toThrow(TypeError);
  });
});

describe.each(['web', 'hono', 'm2m'])('the module graph of ./%s', (entry) => {
  test('needs nothing of Node: no node: module and no Buffer', async () => {
    const { metafile } = await build({
      entryPoints: [`src/${entry}/index.ts`],
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      metafile: true,
      write: false,
      external: ['node:*'],
    });
    const files = Object.keys(metafile.inputs);
    const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.filter(({ external }) => external));
    const sources = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(imports).toEqual([]);
    expect(files.length).toBeGreaterThan(3);
    expect(sources.filter((source) => /\bBuffer\b|from 'node:|import\('node:/.test(source))).toEqual([]);
  });
});

test('every source file belongs to a folder that the checks of this package know', async () => {
  const entries = await readdir('src', { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const known = 'errors express fastify hono http issuer jwks jws jwt m2m node receipts revocation testing web';
  expect(folders.toSorted().join(' ')).toBe(known);
});
