import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier } from '@org/jwt-client';
import { createTestClock, createTestIssuer } from '@org/jwt-client/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoApp } from '../src/app.ts';

const issuer = createTestIssuer({ audience: 'users-service' });
const site = { issuer: 'https://sso.example.com/?a=1&b="><script>', address: 'http://127.0.0.1:8100' };
const server = createServer(createDemoApp(createVerifier(issuer.verifierOptions), { site }));
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = (path: string, token?: string) =>
  fetch(url + path, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });

async function statusAndCode(path: string, token?: string): Promise<unknown> {
  const answer = await get(path, token);
  const body = (await answer.json()) as { code?: string };
  expect(answer.headers.get('content-type')).toMatch(answer.ok ? /^application\/json/ : /^application\/problem\+json/);
  return [answer.status, body.code];
}

describe('GET /', () => {
  test('is a page that says what to try', async () => {
    const answer = await get('/');
    const html = await answer.text();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(html).toContain('curl http://127.0.0.1:8100/public');
    expect(html).toContain('https://sso.example.com/?a=1&amp;b=&quot;&gt;&lt;script&gt;/api/auth/logout');
    for (const path of ['/me', '/reports', '/admin'])
      expect(html).toContain(`$TOKEN&quot; http://127.0.0.1:8100${path}`);
    expect(html).toContain('https://sso.example.com/?a=1&amp;b=&quot;&gt;&lt;script&gt;/api/auth/login');
  });

  test('runs no script, and styles only by a nonce that is new each time', async () => {
    const answers = await Promise.all([get('/'), get('/')]);
    const policies = answers.map((answer) => answer.headers.get('content-security-policy') ?? '');
    const nonces = policies.map((policy) => /style-src 'nonce-([^']+)'/.exec(policy)?.[1]);
    expect(new Set(nonces).size).toBe(2);
    expect(policies[0]).toMatch(/^default-src 'none';/);
    const html = (await answers[0]?.text()) ?? '';
    expect(html).toContain(`<style nonce="${nonces[0]}">`);
    expect(html).not.toMatch(/<script|\son\w+=|\sstyle=|javascript:/i);
  });

  test('does not name its framework', async () => {
    expect((await get('/')).headers.get('x-powered-by')).toBeNull();
  });
});

test('GET /public needs nothing', async () => {
  const answer = await get('/public');
  expect([answer.status, await answer.json()]).toEqual([200, { message: 'Everybody may read this.' }]);
});

describe('GET /me', () => {
  test('shows a user', async () => {
    const answer = await get('/me', issuer.mint({ sub: 'ada', roles: ['author'], scope: 'users:read credits:read' }));
    const caller = { subject: 'ada', kind: 'user', roles: ['author'], scopes: ['users:read', 'credits:read'] };
    expect([answer.status, await answer.json()]).toEqual([200, caller]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('shows a service', async () => {
    const answer = await get('/me', issuer.mint({ sub: 'billing', client_id: 'billing' }));
    expect(await answer.json()).toMatchObject({ subject: 'billing', kind: 'service' });
  });

  test('refuses whoever brings no token, an old one, or one for another service', async () => {
    expect(await statusAndCode('/me')).toEqual([401, 'token_missing']);
    expect(await statusAndCode('/me', issuer.mint({ exp: 1 }))).toEqual([401, 'token_expired']);
    expect(await statusAndCode('/me', issuer.mint({ aud: 'other' }))).toEqual([401, 'audience_mismatch']);
    expect((await get('/me')).headers.get('www-authenticate')).toBe('Bearer realm="api"');
  });
});

describe.each([
  ['/reports', { scope: 'users:read' }, { scope: 'users:write', roles: ['admin'] }, 'scope_missing'],
  ['/admin', { roles: ['admin'] }, { roles: ['author'], scope: 'admin' }, 'role_missing'],
])('GET %s', (path, enough, tooLittle, code) => {
  test('lets in who has what it needs', async () => {
    expect(await statusAndCode(path, issuer.mint(enough))).toEqual([200, undefined]);
  });

  test('answers 403 to others and 401 to strangers', async () => {
    expect(await statusAndCode(path, issuer.mint(tooLittle))).toEqual([403, code]);
    expect(await statusAndCode(path)).toEqual([401, 'token_missing']);
  });
});

describe('GET /status', () => {
  test('shows what the verifier holds before and after the first token', async () => {
    const clock = createTestClock();
    const fresh = createTestIssuer({ algorithm: 'ES256', audience: 'users-service', clock });
    const verifier = createVerifier(fresh.verifierOptions);
    const other = createServer(createDemoApp(verifier, { outgoing: () => fresh.fetches.total }));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const status = async (): Promise<unknown> => (await fetch(`${address}/status`)).json();
    const use = (token: string) => fetch(`${address}/me`, { headers: { Authorization: `Bearer ${token}` } });

    const nothing = { keys: { state: 'empty', count: 0 }, revocations: { state: 'off' } };
    expect(await status()).toEqual({ outgoing_requests: 0, ...nothing });

    const token = fresh.mint({ sid: 'session-7' });
    for (let i = 0; i < 50; i++) expect((await use(token)).status).toBe(200);
    const keys = { state: 'fresh', count: 1 };
    const loaded = { state: 'fresh', entries: 0, age_seconds: 0 };
    expect(await status()).toEqual({ outgoing_requests: 3, keys, revocations: loaded });

    // Signed out in another window: refused within the seconds between two polls, at the cost of one request.
    fresh.revoke({ sid: 'session-7' });
    clock.advance(10);
    const answer = await use(token);
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code: 'token_revoked' })]);
    for (let i = 0; i < 50; i++) expect((await use(token)).status).toBe(401);
    expect(await status()).toEqual({ outgoing_requests: 4, keys, revocations: { ...loaded, entries: 1 } });
    verifier.close();
    await new Promise((resolve) => other.close(resolve));
  });
});

test('anything else is not found', async () => {
  expect(await statusAndCode('/nothing')).toEqual([404, 'route.not_found']);
});

test('an issuer out of reach is 503, and nobody else is disturbed', async () => {
  const down = createTestIssuer({ algorithm: 'ES256' });
  down.outage = true;
  const other = createServer(createDemoApp(createVerifier(down.verifierOptions)));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const answer = await fetch(`${address}/me`, { headers: { Authorization: `Bearer ${down.mint()}` } });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await fetch(`${address}/public`)).status).toBe(200);
  await new Promise((resolve) => other.close(resolve));
});
