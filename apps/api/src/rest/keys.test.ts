import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

describeOnEachDatabase('keys', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
  });
  afterEach(() => app.close());

  interface Key {
    kid: string;
    state: string;
    active_from: string;
  }
  const keys = async (): Promise<Key[]> => (await admin.http.get('/api/keys')).body['data'] as Key[];
  const publishedKids = async (): Promise<string[]> => {
    const { body } = await app.http.get('/.well-known/jwks.json');
    return (body['keys'] as Key[]).map(({ kid }) => kid);
  };

  it('are listed with their times and without a private part', async () => {
    const { status, text } = await admin.http.get('/api/keys');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      data: [
        {
          kid: (await publishedKids())[0],
          algorithm: 'RS256',
          state: 'active',
          created_at: '2026-01-15T12:00:00.000Z',
          active_from: '2026-01-15T12:00:00.000Z',
          retiring_from: null,
          gone_from: null,
        },
      ],
    });
  });

  it('a rotation publishes the next key, says when it signs, and is one however often it is asked for', async () => {
    const [first, second] = [await admin.http.post('/api/keys/rotate'), await admin.http.post('/api/keys/rotate', {})];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body).toMatchObject({
      key: { state: 'next', active_from: '2026-01-15T12:10:00.000Z' },
      withdrawn: null,
      effect: expect.stringContaining('signs from 2026-01-15T12:10:00.000Z') as string,
    });
    expect(second.body['key']).toEqual(first.body['key']);
    expect(await publishedKids()).toHaveLength(2);
  });

  it('a repeated rotation with one Idempotency-Key gets the first answer, byte by byte', async () => {
    const headers = { 'idempotency-key': 'rotate-once' };
    const first = await admin.http.post('/api/keys/rotate', { emergency: true }, headers);
    const signedIn = await app.admin();
    const again = await signedIn.http.post('/api/keys/rotate', { emergency: true }, headers);
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([200, first.text, 'true']);
    expect((await signedIn.http.get('/api/keys')).body['data']).toHaveLength(2);
  });

  it('in an emergency tokens of the compromised key are refused at once, and a refresh gets good ones', async () => {
    const [compromised] = await keys();
    const { body } = await admin.http.post('/api/keys/rotate', { emergency: true });
    expect(body).toMatchObject({ withdrawn: { kid: compromised?.kid, state: 'gone' }, key: { state: 'active' } });
    expect(body['effect']).toContain('nobody is signed out');
    const refused = await admin.http.get('/api/users/me');
    expect([refused.status, refused.body['code']]).toEqual([401, 'auth.kid_unknown']);
    const next = await app.http.post('/api/auth/refresh', { refresh_token: admin.refreshToken });
    const authorization = `Bearer ${String(next.body['access_token'])}`;
    expect((await app.http.get('/api/users/me', { authorization })).status).toBe(200);
    expect(await publishedKids()).not.toContain(compromised?.kid);
  });

  it('a key that is not published cannot be withdrawn, and nothing unknown is taken', async () => {
    const missing = await admin.http.post('/api/keys/rotate', { emergency: true, kid: 'unknown' });
    expect([missing.status, missing.body['code']]).toEqual([404, 'keys.missing']);
    for (const body of [{ emergency: 'yes' }, { kid: 'x' }, { force: true }, { kid: 'x'.repeat(129) }])
      expect((await admin.http.post('/api/keys/rotate', body)).status).toBe(422);
  });
});
