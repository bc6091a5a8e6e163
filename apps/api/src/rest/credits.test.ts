import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';
import type { Answer } from '../../test/http.ts';

const MISSING = '01900000-0000-7000-8000-000000000000';

describeOnEachDatabase('credits', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  let user: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
    user = await app.user('ada@example.org');
  });
  afterEach(() => app.close());

  const post = (body: object, to = user.id): Promise<Answer> => admin.http.post(`/api/users/${to}/credits`, body);

  it('a purchase and a spend are answered as transactions and seen by their owner', async () => {
    await post({ type: 'purchase', amount: 100 });
    const spent = await post({
      type: 'spend',
      amount: 30,
      description: 'Room',
      reference: 'b-1',
      metadata: { room: 'B12' },
    });
    expect(spent.status).toBe(201);
    expect(spent.headers.get('location')).toBe(`/api/users/${user.id}/credits/transactions`);
    expect(spent.body).toEqual({
      id: expect.any(String) as string,
      user_id: user.id,
      type: 'spend',
      amount: -30,
      balance_after: 70,
      description: 'Room',
      reference: 'b-1',
      refund_of: null,
      metadata: { room: 'B12' },
      actor: `user:${admin.id}`,
      created_at: '2026-01-15T12:00:00.000Z',
    });
    const balance = { user_id: user.id, balance: 70, held: 0, available: 70 };
    expect((await user.http.get('/api/users/me/credits')).body).toEqual(balance);
    expect((await admin.http.get(`/api/users/${user.id}/credits`)).body).toEqual(balance);
    expect((await user.http.get('/api/users/me')).body['credits']).toBe(70);
  });

  it('a spend of more than is available says what is available and what is required', async () => {
    await post({ type: 'purchase', amount: 10 });
    const { status, body } = await post({ type: 'spend', amount: 11 });
    expect([status, body['code'], body['available'], body['required']]).toEqual([402, 'credits.insufficient', 10, 11]);
  });

  it('a refund gives back a spend, and no more than was spent', async () => {
    await post({ type: 'purchase', amount: 10 });
    const spent = await post({ type: 'spend', amount: 6 });
    const refund = { type: 'refund', refund_of: spent.body['id'] };
    expect((await post({ ...refund, amount: 4 })).body).toMatchObject({
      amount: 4,
      balance_after: 8,
      refund_of: spent.body['id'],
    });
    expect((await post({ ...refund, amount: 3 })).status).toBe(409);
  });

  it('an adjustment is signed and says why', async () => {
    await post({ type: 'purchase', amount: 10 });
    expect((await post({ type: 'adjustment', amount: -4, description: 'counted twice' })).body['balance_after']).toBe(
      6,
    );
    const silent = await post({ type: 'adjustment', amount: -4 });
    expect([silent.status, silent.body['errors']]).toEqual([422, [expect.objectContaining({ field: 'description' })]]);
  });

  it('the history is read newest first, stretch by stretch', async () => {
    for (const amount of [1, 2, 3]) await post({ type: 'purchase', amount });
    const first = await user.http.get('/api/users/me/credits/transactions?limit=2');
    const amounts = ({ body }: Answer): number[] => (body['data'] as { amount: number }[]).map(({ amount }) => amount);
    expect(amounts(first)).toEqual([3, 2]);
    const { next_cursor: cursor } = first.body['meta'] as { next_cursor: string };
    const rest = await admin.http.get(
      `/api/users/${user.id}/credits/transactions?limit=2&cursor=${encodeURIComponent(cursor)}`,
    );
    expect(amounts(rest)).toEqual([1]);
    expect(rest.body['meta']).toEqual({ limit: 2, next_cursor: null });
    expect((await user.http.get('/api/users/me/credits/transactions?cursor=invented')).status).toBe(422);
    const none = await user.http.get(
      '/api/users/me/credits/transactions?type=spend&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z',
    );
    expect(amounts(none)).toEqual([]);
  });

  it('no such user is 404', async () => {
    const answers = [
      await post({ type: 'purchase', amount: 1 }, MISSING),
      await admin.http.get(`/api/users/${MISSING}/credits`),
      await admin.http.get(`/api/users/${MISSING}/credits/transactions`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });

  it('a deactivated user cannot be charged', async () => {
    await post({ type: 'purchase', amount: 10 });
    await admin.http.post(`/api/users/${user.id}/deactivate`);
    expect((await post({ type: 'spend', amount: 1 })).status).toBe(409);
  });
});
