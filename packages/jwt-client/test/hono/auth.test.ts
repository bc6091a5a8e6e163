import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { auth, authOf, requires } from '../../src/hono/index.ts';
import { createVerifier } from '../../src/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import { createVerifier as createWebVerifier } from '../../src/web/index.ts';

const issuer = createTestIssuer({ algorithm: 'ES256' });
const down = createTestIssuer({ algorithm: 'ES256' });
down.outage = true;

describe.each([
  ['the verifier of Node', createVerifier(issuer.verifierOptions)],
  ['the verifier of the Web', createWebVerifier(issuer.verifierOptions)],
])('with %s', (_, verifier) => {
  const app = new Hono();
  app.onError((error, context) => context.text(String(error), 500));
  app.get('/forgotten', requires({ role: 'admin' }), (context) => context.text('in'));
  app.get('/down', auth(createVerifier(down.verifierOptions)), (context) => context.text('in'));
  app.use(auth(verifier));
  app.get('/me', (context) => context.json({ subject: authOf(context).subject }));
  app.get('/reports', requires({ scope: 'users:read' }), (context) => context.json([]));

  const get = (path: string, authorization?: string) =>
    app.request(path, authorization === undefined ? {} : { headers: { authorization } });
  const bearer = (claims = {}) => `Bearer ${issuer.mint(claims)}`;

  test('a valid token passes, and the handler knows who it is', async () => {
    const answer = await get('/me', bearer({ sub: 'ada' }));
    expect([answer.status, await answer.json()]).toEqual([200, { subject: 'ada' }]);
  });

  test.each([
    ['no token', '/me', undefined, 401, 'token_missing'],
    ['an expired token', '/me', bearer({ exp: 1 }), 401, 'token_expired'],
    ['a missing scope', '/reports', bearer(), 403, 'scope_missing'],
    ['keys out of reach', '/down', `Bearer ${down.mint()}`, 503, 'keys_unavailable'],
  ])('%s is answered with problem details', async (__, path, authorization, status, code) => {
    const answer = await get(path, authorization);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
    expect(answer.headers.has('www-authenticate')).toBe(status !== 503);
  });

  test('who has the scope passes', async () => {
    expect((await get('/reports', bearer({ scope: 'users:read' }))).status).toBe(200);
  });

  test('requires() without auth() before it never lets anybody in', async () => {
    const answer = await get('/forgotten', bearer({ roles: ['admin'] }));
    expect([answer.status, await answer.text()]).toEqual([500, expect.stringContaining('auth(verifier)')]);
  });
});

test.each([{}, { scope: '' }, { roles: 'admin' }])('requires(%j) does not start', (permissions) => {
  expect(() => requires(permissions as object)).toThrow(TypeError);
});
