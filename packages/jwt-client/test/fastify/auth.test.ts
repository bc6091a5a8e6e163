import fastify from 'fastify';
import { expect, test } from 'vitest';
import { auth, authOf, requires } from '../../src/fastify/index.ts';
import { createVerifier } from '../../src/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';

const issuer = createTestIssuer({ algorithm: 'ES256' });
const verifier = createVerifier(issuer.verifierOptions);
const down = createTestIssuer({ algorithm: 'ES256' });
down.outage = true;

const app = fastify();
app.get('/forgotten', { onRequest: requires({ role: 'admin' }) }, () => 'in');
app.get('/down', { onRequest: auth(createVerifier(down.verifierOptions)) }, () => 'in');
app.get('/broken', { onRequest: auth({ verify: () => Promise.reject(new Error('a bug')) }) }, () => 'in');
app.register(async (guarded) => {
  guarded.addHook('onRequest', auth(verifier));
  guarded.get('/me', (request) => ({ subject: authOf(request).subject }));
  guarded.get('/reports', { preHandler: requires({ scope: 'users:read' }) }, () => []);
});

const get = (url: string, authorization?: string) =>
  app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
const bearer = (claims = {}) => `Bearer ${issuer.mint(claims)}`;

test('a valid token passes, and the handler knows who it is', async () => {
  const answer = await get('/me', bearer({ sub: 'ada' }));
  expect([answer.statusCode, answer.json()]).toEqual([200, { subject: 'ada' }]);
});

test.each([
  ['no token', '/me', undefined, 401, 'token_missing'],
  ['an expired token', '/me', bearer({ exp: 1 }), 401, 'token_expired'],
  ['a missing scope', '/reports', bearer(), 403, 'scope_missing'],
  ['keys out of reach', '/down', `Bearer ${down.mint()}`, 503, 'keys_unavailable'],
])('%s is answered with problem details', async (_, path, authorization, status, code) => {
  const answer = await get(path, authorization);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining({ code })]);
  expect('www-authenticate' in answer.headers).toBe(status !== 503);
  expect('retry-after' in answer.headers).toBe(status === 503);
});

test('who has the scope passes', async () => {
  expect((await get('/reports', bearer({ scope: 'users:read' }))).statusCode).toBe(200);
});

test('requires() without auth() before it never lets anybody in', async () => {
  const answer = await get('/forgotten', bearer({ roles: ['admin'] }));
  expect([answer.statusCode, answer.json()]).toEqual([
    500,
    expect.objectContaining({ message: expect.stringContaining('auth(verifier)') as unknown }),
  ]);
});

test('an unexpected error goes to the error handler of the application', async () => {
  expect((await get('/broken', bearer())).json()).toMatchObject({ statusCode: 500, message: 'a bug' });
});

test.each([{}, { scope: '' }, { roles: 'admin' }])('requires(%j) does not start', (permissions) => {
  expect(() => requires(permissions as object)).toThrow(TypeError);
});
