import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

const MISSING = '01900000-0000-7000-8000-000000000000';

describeOnEachDatabase('users', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
  });
  afterEach(() => app.close());

  const create = async (email: string, more: object = {}): Promise<string> => {
    const { body } = await admin.http.post('/api/users', { email, ...more });
    return String(body['id']);
  };

  it('a created user is at its Location with every documented field', async () => {
    const created = await admin.http.post('/api/users', {
      email: ' Ada@Example.org ',
      name: 'Ada',
      type: 'student',
      profile: { year: 2 },
    });
    expect(created.status).toBe(201);
    const read = await admin.http.get(String(created.headers.get('location')));
    expect(read.body).toEqual(created.body);
    expect(read.body).toEqual({
      id: created.body['id'],
      email: 'Ada@Example.org',
      email_verified: false,
      name: 'Ada',
      type: 'student',
      profile: { year: 2 },
      roles: ['user'],
      status: 'active',
      inactive_reason: null,
      credits: 0,
      last_login_at: null,
      created_at: '2026-01-15T12:00:00.000Z',
      updated_at: '2026-01-15T12:00:00.000Z',
    });
  });

  it.each(['ADA@example.org', ' ada@example.org', 'ａｄａ@example.org'])(
    '%j is the address of ada@example.org',
    async (same) => {
      await create('ada@example.org');
      const { status, body } = await admin.http.post('/api/users', { email: same });
      expect([status, body['code']]).toEqual([409, 'users.email_taken']);
    },
  );

  it('a change keeps what it does not name', async () => {
    const id = await create('ada@example.org', { name: 'Ada', profile: { year: 2 } });
    const { status, body } = await admin.http.patch(`/api/users/${id}`, { type: 'staff' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'Ada', type: 'staff', profile: { year: 2 } });
    expect((await admin.http.patch(`/api/users/${id}`, { type: null })).body['type']).toBeNull();
  });

  it('a user is deactivated and reactivated, with the reason', async () => {
    const user = await app.user('ada@example.org');
    const off = await admin.http.post(`/api/users/${user.id}/deactivate`, { reason: 'left' });
    expect([off.status, off.body['status'], off.body['inactive_reason']]).toEqual([200, 'inactive', 'left']);
    expect((await user.http.get('/api/users/me')).status).toBe(401);
    expect((await admin.http.post(`/api/users/${user.id}/deactivate`)).status).toBe(409);
    const on = await admin.http.post(`/api/users/${user.id}/reactivate`);
    expect([on.status, on.body['status']]).toEqual([200, 'active']);
    expect((await admin.http.post(`/api/users/${user.id}/reactivate`)).status).toBe(409);
  });

  it('a deleted user stays readable, cannot be changed, and keeps the address', async () => {
    const id = await create('ada@example.org');
    expect((await admin.http.delete(`/api/users/${id}`)).status).toBe(204);
    expect((await admin.http.get(`/api/users/${id}`)).body['status']).toBe('deleted');
    expect((await admin.http.patch(`/api/users/${id}`, { name: 'x' })).status).toBe(409);
    expect((await admin.http.delete(`/api/users/${id}`)).status).toBe(409);
    expect((await admin.http.post('/api/users', { email: 'ada@example.org' })).status).toBe(409);
  });

  it('the last active admin cannot be removed, switched off or demoted', async () => {
    const answers = [
      await admin.http.delete(`/api/users/${admin.id}`),
      await admin.http.delete('/api/users/me'),
      await admin.http.post(`/api/users/${admin.id}/deactivate`),
      await admin.http.put(`/api/users/${admin.id}/roles`, { roles: ['user'] }),
    ];
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(
      answers.map(() => [409, 'roles.last_admin']),
    );
  });

  it('new roles take effect at once: tokens with the old ones stop working', async () => {
    const user = await app.user('ada@example.org');
    app.clock.advanceSeconds(1);
    const { status, body } = await admin.http.put(`/api/users/${user.id}/roles`, { roles: ['admin'] });
    expect([status, body['roles']]).toEqual([200, ['admin']]);
    expect((await user.http.get('/api/users/me')).status).toBe(401);
    expect((await admin.http.put(`/api/users/${user.id}/roles`, { roles: ['nope'] })).status).toBe(422);
  });

  it('the list filters, sorts and counts pages', async () => {
    for (const name of ['cay', 'ada', 'bob'])
      await create(`${name}@example.org`, { name, type: name === 'bob' ? 'staff' : 'student' });
    const page = await admin.http.get('/api/users?type=student&sort=name&limit=1&page=2');
    expect(page.status).toBe(200);
    expect((page.body['data'] as { name: string }[]).map(({ name }) => name)).toEqual(['cay']);
    expect(page.body['meta']).toEqual({
      total: 2,
      limit: 1,
      page: 2,
      total_pages: 2,
      has_next: false,
      has_previous: true,
    });
    const found = await admin.http.get(
      '/api/users?search=BOB&status=active&role=user&created_from=2026-01-15T12:00:00Z',
    );
    expect(found.body['meta']).toMatchObject({ total: 1 });
  });

  it('no such user is 404 on every route of a user', async () => {
    const answers = [
      await admin.http.get(`/api/users/${MISSING}`),
      await admin.http.patch(`/api/users/${MISSING}`, { name: 'x' }),
      await admin.http.delete(`/api/users/${MISSING}`),
      await admin.http.post(`/api/users/${MISSING}/deactivate`),
      await admin.http.post(`/api/users/${MISSING}/reactivate`),
      await admin.http.put(`/api/users/${MISSING}/roles`, { roles: [] }),
    ];
    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(
      answers.map(() => [404, 'users.missing']),
    );
  });

  it('my own routes read and change me, and nothing that raises me', async () => {
    const user = await app.user('ada@example.org');
    const changed = await user.http.patch('/api/users/me', { name: 'Ada', profile: { theme: 'dark' } });
    expect(changed.body).toMatchObject({ id: user.id, name: 'Ada', profile: { theme: 'dark' } });
    for (const field of ['roles', 'status', 'type', 'credits', 'email_verified', 'email', 'id']) {
      const refused = await user.http.patch('/api/users/me', { [field]: null });
      expect([field, refused.status, refused.body['errors']]).toEqual([
        field,
        422,
        [{ field, code: 'unknown_field', message: 'is not a field of this request' }],
      ]);
    }
    expect((await user.http.delete('/api/users/me')).status).toBe(204);
    expect((await user.http.get('/api/users/me')).status).toBe(401);
  });

  it('roles come with their permissions', async () => {
    const { status, body } = await admin.http.get('/api/roles');
    expect(status).toBe(200);
    expect(body['data']).toContainEqual(expect.objectContaining({ name: 'user', permissions: [], built_in: true }));
  });
});
