import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

const EMAIL = 'ada@example.org';
const PASSWORD = 'a long password';
const NOBODY = '01900000-0000-7000-8000-000000000000';

describeOnEachDatabase('sessions', (database) => {
  let app: TestApp;
  let here: SignedIn;
  let there: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    here = await app.user(EMAIL);
    there = await app.signIn(EMAIL, PASSWORD);
  });
  afterEach(() => app.close());

  interface Session {
    id: string;
    current: boolean;
    device: string;
    address: string;
    end_reason: string | null;
  }
  const mine = async (query = ''): Promise<Session[]> =>
    (await here.http.get(`/api/users/me/sessions${query}`)).body['data'] as Session[];
  const statusOf = async ({ http }: SignedIn): Promise<number> => (await http.get('/api/users/me')).status;

  it('mine are listed newest first, with device and address and which one I ask from', async () => {
    const { status, body } = await here.http.get('/api/users/me/sessions');
    expect([status, body['meta']]).toEqual([200, { limit: 20, next_cursor: null }]);
    const sessions = body['data'] as Session[];
    expect(sessions.map(({ current }) => current)).toEqual([false, true]);
    expect(sessions[0]).toMatchObject({
      client_id: 'users-service',
      device: 'node',
      address: '127.0.0.1',
      created_at: '2026-01-15T12:00:00.000Z',
      last_used_at: '2026-01-15T12:00:00.000Z',
      expires_at: '2026-02-14T12:00:00.000Z',
      ended_at: null,
      end_reason: null,
    });
  });

  it('are listed in stretches and by whether they go on', async () => {
    const first = await here.http.get('/api/users/me/sessions?limit=1');
    const { next_cursor: cursor } = first.body['meta'] as { next_cursor: string };
    const [second] = await mine(`?limit=1&cursor=${cursor}`);
    expect(second?.current).toBe(true);
    await there.http.post('/api/auth/logout');
    expect((await mine('?active=false')).map((one) => one.end_reason)).toEqual(['logout']);
    expect((await mine('?active=true')).map(({ current }) => current)).toEqual([true]);
    for (const query of ['?active=perhaps', '?limit=0', '?cursor=x', '?user_id=1'])
      expect((await here.http.get(`/api/users/me/sessions${query}`)).status).toBe(422);
  });

  it('one of mine that I end is over at once, and no other', async () => {
    const other = (await mine()).find(({ current }) => !current);
    expect((await here.http.delete(`/api/users/me/sessions/${other?.id}`)).status).toBe(204);
    expect([await statusOf(there), await statusOf(here)]).toEqual([401, 200]);
    expect((await here.http.delete(`/api/users/me/sessions/${other?.id}`)).status).toBe(204);
  });

  it("somebody else's session is as missing as one that never was", async () => {
    const stranger = await app.user('eve@example.org');
    const [session] = await mine();
    for (const id of [session?.id, NOBODY]) {
      const { status, body } = await stranger.http.delete(`/api/users/me/sessions/${id}`);
      expect([status, body['code']]).toEqual([404, 'sessions.missing']);
    }
    expect((await stranger.http.delete('/api/users/me/sessions/x')).status).toBe(422);
    expect(await statusOf(here)).toBe(200);
  });

  it('an admin sees the sessions of a user and ends them all', async () => {
    const admin = await app.admin();
    const path = `/api/users/${here.id}/sessions`;
    const { status, body } = await admin.http.get(path);
    expect([status, (body['data'] as Session[]).map(({ current }) => current)]).toEqual([200, [false, false]]);
    expect((await admin.http.delete(path)).status).toBe(204);
    expect([await statusOf(here), await statusOf(there), await statusOf(admin)]).toEqual([401, 401, 200]);
    expect((await app.http.post('/api/auth/refresh', { refresh_token: here.refreshToken })).status).toBe(401);
    for (const missing of [admin.http.get, admin.http.delete])
      expect((await missing(`/api/users/${NOBODY}/sessions`)).status).toBe(404);
  });

  it('a change of my password ends all my sessions but this one', async () => {
    const change = { current_password: PASSWORD, new_password: 'another long password' };
    expect((await here.http.post('/api/auth/change-password', change)).status).toBe(204);
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401]);
    expect((await app.http.post('/api/auth/login', { email: EMAIL, password: PASSWORD })).status).toBe(401);
    const again = await app.http.post('/api/auth/login', { email: EMAIL, password: change.new_password });
    expect(again.status).toBe(200);
    expect((await mine('?active=false')).map((one) => one.end_reason)).toEqual(['password']);
  });

  it('a password is not changed without the current one, and a wrong one does not look like a bad token', async () => {
    const post = async (body: object) => here.http.post('/api/auth/change-password', body);
    const wrong = await post({ current_password: 'wrong', new_password: 'another long password' });
    expect([wrong.status, wrong.body['code'], wrong.headers.get('www-authenticate')]).toEqual([
      422,
      'auth.current_password_wrong',
      null,
    ]);
    const short = await post({ current_password: PASSWORD, new_password: 'short' });
    expect([short.status, short.body['errors']]).toEqual([
      422,
      [expect.objectContaining({ field: 'new_password', code: 'wrong_length' })],
    ]);
    expect((await post({ current_password: PASSWORD })).status).toBe(422);
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 200]);
    for (const secret of [PASSWORD, 'another long password']) expect(app.logged()).not.toContain(secret);
  });
});

describeOnEachDatabase('validating a token for others', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
  });
  afterEach(() => app.close());

  it('tells what a good one says', async () => {
    const user = await app.user(EMAIL);
    const { status, body, headers } = await admin.http.post('/api/auth/validate-token', { token: user.token });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: app.core.settings.issuer,
      aud: 'users-service',
      sub: user.id,
      client_id: 'users-service',
      iat: app.clock().getTime() / 1000,
      exp: expect.any(Number) as number,
      jti: expect.any(String) as string,
      sid: expect.any(String) as string,
      scope: '',
      roles: ['user'],
    });
  });

  it('tells nothing of one that is revoked, expired, altered or none', async () => {
    const user = await app.user(EMAIL);
    const left = await app.signIn(EMAIL, PASSWORD);
    await left.http.post('/api/auth/logout');
    const bad = [left.token, `${user.token.slice(0, -4)}AAAA`, user.refreshToken, '', 'x'.repeat(4_000)];
    for (const token of bad) {
      const { status, body } = await admin.http.post('/api/auth/validate-token', { token });
      expect([status, body]).toEqual([200, { active: false }]);
    }
    app.clock.advanceSeconds(906);
    const fresh = await app.admin();
    expect((await fresh.http.post('/api/auth/validate-token', { token: user.token })).body).toEqual({ active: false });
  });
});

describeOnEachDatabase('revoking one access token', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  let user: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
    user = await app.user(EMAIL);
  });
  afterEach(() => app.close());

  const revoke = async (body: object) => admin.http.post('/api/auth/revoke-token', body);
  const stateOf = async (token: string) => (await admin.http.post('/api/auth/validate-token', { token })).body;

  it('by the token itself: it is refused at once, here and by whoever asks, and the session goes on', async () => {
    expect((await revoke({ token: user.token })).status).toBe(204);
    const refused = await user.http.get('/api/users/me');
    expect([refused.status, refused.body['code']]).toEqual([401, 'auth.token_revoked']);
    expect(await stateOf(user.token)).toEqual({ active: false });
    expect((await app.http.post('/api/auth/refresh', { refresh_token: user.refreshToken })).status).toBe(200);
  });

  it('by its id, as logs show it', async () => {
    const { jti, exp } = await stateOf(user.token);
    const expires = new Date(Number(exp) * 1000).toISOString();
    expect((await revoke({ token_id: jti, expires_at: expires })).status).toBe(204);
    expect(await stateOf(user.token)).toEqual({ active: false });
    expect(await stateOf(admin.token)).toMatchObject({ active: true });
  });

  it('one that is not active is answered alike, and twice is once', async () => {
    for (const token of [user.token, user.token, 'no token', user.refreshToken])
      expect((await revoke({ token })).status).toBe(204);
  });

  it.each([
    {},
    { token: 'x', token_id: 'y' },
    { token: 'x', expires_at: '2026-01-15T12:00:00Z' },
    { token_id: '' },
    { token_id: 'x'.repeat(129) },
    { token_id: 'x', expires_at: 'soon' },
    { token_id: 'x', expires_at: '2099-01-15T12:00:00Z' },
    { tokenId: 'x' },
  ])('%j is refused', async (body) => {
    const { status, body: problem } = await revoke(body);
    expect([status, problem['code']]).toEqual([422, 'request.invalid']);
  });
});
