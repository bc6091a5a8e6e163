import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { auth, authOf, requires } from '../../src/express/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';

const issuer = createTestIssuer({ algorithm: 'ES256' });
const verifier = createVerifier(issuer.verifierOptions);
const down = createTestIssuer({ algorithm: 'ES256' });
down.outage = true;

const app = express();
app.get('/me', auth(verifier), (request, response) => void response.json({ subject: request.auth?.subject }));
app.get('/needs', auth(verifier, { scope: 'users:read', role: 'admin' }), (_, response) => void response.json({}));
app.get('/reports', auth(verifier), requires({ scope: 'users:read' }), (request, response) => {
  response.json({ roles: authOf(request).roles });
});
app.get('/admin', auth(verifier), requires({ role: 'admin' }), (_, response) => void response.json({}));
app.get('/down', auth(createVerifier(down.verifierOptions)), (_, response) => void response.json({}));
app.get('/forgotten', requires({ role: 'admin' }), (_, response) => void response.json({}));
app.get(
  '/broken',
  auth({ ...verifier, verify: () => Promise.reject(new Error('a bug')) }),
  (_, response) => void response.json({}),
);
const showError: ErrorRequestHandler = (error, _request, response, _next) =>
  void response.status(500).send(String(error));
app.use(showError);

const server = createServer(app);
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = (path: string, authorization?: string) =>
  fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
const bearer = (claims = {}) => `Bearer ${issuer.mint(claims)}`;

test('a valid token passes, and the handler knows who it is', async () => {
  const answer = await get('/me', bearer({ sub: 'ada' }));
  expect([answer.status, await answer.json()]).toEqual([200, { subject: 'ada' }]);
});

test.each(['bearer', 'BEARER', 'Bearer '])('the scheme may be spelt "%s": RFC 9110 section 11.1', async (scheme) => {
  expect((await get('/me', `${scheme} ${issuer.mint()}`)).status).toBe(200);
});

describe('401', () => {
  test('without a token: problem details and a challenge without error code', async () => {
    const answer = await get('/me');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
    expect(await answer.json()).toMatchObject({ status: 401, title: 'Unauthorized', code: 'token_missing' });
  });

  test.each([
    ['another scheme', 'Basic YWRhOmh1bnRlcjI=', 'token_missing'],
    ['an empty header', '', 'token_missing'],
    ['the scheme alone', 'Bearer', 'token_malformed'],
    ['a valid token and something else', `${bearer()} x`, 'token_malformed'],
    ['rubbish', 'Bearer rubbish', 'token_malformed'],
  ])('%s', async (_, authorization, code) => {
    const answer = await get('/me', authorization);
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ code })]);
  });

  test('an expired token: the challenge says invalid_token', async () => {
    const answer = await get('/me', bearer({ exp: 1 }));
    expect(answer.headers.get('www-authenticate')).toMatch(/error="invalid_token"/);
    expect(await answer.json()).toMatchObject({ status: 401, code: 'token_expired' });
  });

  test('a token in the address is not read', async () => {
    expect((await get(`/me?access_token=${issuer.mint()}`)).status).toBe(401);
  });
});

describe('403', () => {
  test('a missing scope is named in the challenge', async () => {
    const answer = await get('/reports', bearer({ scope: 'users:write' }));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="users:read"/);
    expect(await answer.json()).toMatchObject({ title: 'Forbidden', code: 'scope_missing' });
  });

  test('a missing role', async () => {
    const answer = await get('/admin', bearer({ roles: ['author'] }));
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'role_missing' })]);
  });

  test('needs given to auth() itself', async () => {
    expect((await get('/needs', bearer({ scope: 'users:read' }))).status).toBe(403);
    expect((await get('/needs', bearer({ scope: 'users:read', roles: ['admin'] }))).status).toBe(200);
  });

  test('who has what is needed passes', async () => {
    const answer = await get('/reports', bearer({ scope: 'a users:read', roles: ['author'] }));
    expect([answer.status, await answer.json()]).toEqual([200, { roles: ['author'] }]);
  });
});

test('503 with Retry-After and without challenge while the keys are out of reach', async () => {
  const answer = await get('/down', `Bearer ${down.mint()}`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.headers.get('www-authenticate')).toBeNull();
  expect(await answer.json()).toMatchObject({ title: 'Service Unavailable', code: 'keys_unavailable' });
});

describe('mistakes in the program', () => {
  test('requires() without auth() before it never lets anybody in', async () => {
    const answer = await get('/forgotten', bearer({ roles: ['admin'] }));
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('auth(verifier)')]);
  });

  test('an unexpected error goes to the error handler of the application', async () => {
    const answer = await get('/broken', bearer());
    expect([answer.status, await answer.text()]).toEqual([500, 'Error: a bug']);
  });

  test.each([{}, { scope: '' }, { role: [] }, { roles: 'admin' }])('requires(%j) does not start', (permissions) => {
    expect(() => requires(permissions as object)).toThrow(TypeError);
  });

  test('auth() with a misspelt need does not start', () => {
    expect(() => auth(verifier, { scopes: 'a' } as object)).toThrow(TypeError);
  });
});

test('it guards plain node:http as well', async () => {
  const guard = auth(verifier);
  const plain = createServer((request, response) => guard(request, response, () => response.end('in')));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
  expect((await fetch(address)).status).toBe(401);
  expect(await (await fetch(address, { headers: { authorization: bearer() } })).text()).toBe('in');
  await new Promise((resolve) => plain.close(resolve));
});
