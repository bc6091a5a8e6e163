import { afterEach, beforeEach, expect, it } from 'vitest';

import { ADMIN, openTestApp, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

describeOnEachDatabase('sign-in', (database) => {
  let app: TestApp;
  beforeEach(async () => (app = await openTestApp(await freshDatabase(database))));
  afterEach(() => app.close());

  it('the right password gets tokens that work', async () => {
    const { status, body, headers } = await app.http.post('/api/auth/login', ADMIN);
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) as number });
    expect(Object.keys(body).toSorted()).toEqual(['access_token', 'expires_in', 'refresh_token', 'token_type']);
    expect(headers.get('cache-control')).toBe('no-store');
    const me = await app.http.get('/api/users/me', { authorization: `Bearer ${String(body['access_token'])}` });
    expect(me.body['email']).toBe(ADMIN.email);
  });

  it('a wrong password, an unknown address and a deactivated user get the same answer', async () => {
    const user = await app.user('bob@example.org');
    await app.core.users.deactivate({ id: user.id });
    const tries = [
      { email: ADMIN.email, password: 'not the password' },
      { email: 'nobody@example.org', password: 'not the password' },
      { email: 'bob@example.org', password: 'a long password' },
      { email: 'no address', password: '' },
    ];
    const answers = await Promise.all(tries.map((credentials) => app.http.post('/api/auth/login', credentials)));
    const told = answers.map(({ status, body, headers }) => [
      status,
      { ...body, correlation_id: '' },
      headers.get('www-authenticate'),
    ]);
    expect(told[0]).toEqual([401, expect.objectContaining({ code: 'auth.invalid_credentials' }), 'Bearer realm="api"']);
    for (const other of told) expect(other).toEqual(told[0]);
  });

  it('a refresh token gets the next pair, and an invented one 401', async () => {
    const { refreshToken } = await app.admin();
    const next = await app.http.post('/api/auth/refresh', { refresh_token: refreshToken });
    expect(next.status).toBe(200);
    expect(next.body['refresh_token']).not.toBe(refreshToken);
    const invented = await app.http.post('/api/auth/refresh', { refresh_token: 'invented' });
    expect([invented.status, invented.body['code']]).toEqual([401, 'auth.invalid_refresh_token']);
  });

  it('signing out ends this session at once and no other', async () => {
    const [here, there] = [await app.admin(), await app.admin()];
    expect((await here.http.post('/api/auth/logout')).status).toBe(204);
    const after = await here.http.get('/api/users/me');
    expect([after.status, after.body['code']]).toEqual([401, 'auth.token_revoked']);
    expect(after.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await app.http.post('/api/auth/refresh', { refresh_token: here.refreshToken })).status).toBe(401);
    expect((await there.http.get('/api/users/me')).status).toBe(200);
  });

  it('signing out everywhere ends every session', async () => {
    const [here, there] = [await app.admin(), await app.admin()];
    expect((await here.http.post('/api/auth/logout-all')).status).toBe(204);
    for (const { http } of [here, there]) expect((await http.get('/api/users/me')).status).toBe(401);
  });

  it('sign-in takes bodies of 5 kB at most', async () => {
    const { status, body } = await app.http.post('/api/auth/login', {
      email: 'a@example.org',
      password: 'x'.repeat(5_000),
    });
    expect([status, body['code']]).toEqual([413, 'request.too_large']);
  });

  it('no log line holds a password or a token', async () => {
    const { token, refreshToken } = await app.admin();
    await app.http.post('/api/auth/refresh', { refresh_token: refreshToken });
    await app.http.post('/api/auth/login', { ...ADMIN, unexpected: true });
    for (const secret of [ADMIN.password, token, refreshToken]) expect(app.logged()).not.toContain(secret);
    expect(app.logged()).toContain('"route":"/api/auth/login"');
  });
});
