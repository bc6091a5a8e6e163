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
    const location = spent.headers.get('location') ?? '';
    expect(location).toBe(`/api/users/${user.id}/credits/transactions/${String(spent.body['id'])}`);
    expect((await admin.http.get(location)).body).toEqual(spent.body);
    expect(spent.body).toEqual({
      id: expect.any(String) as string,
      user_id: user.id,
      unit: 'credit',
      type: 'spend',
      amount: -30,
      balance_after: 70,
      held_change: 0,
      held_after: 0,
      description: 'Room',
      reference: 'b-1',
      refund_of: null,
      hold_id: null,
      expires_at: null,
      counterparty_id: null,
      metadata: { room: 'B12' },
      actor: `user:${admin.id}`,
      created_at: '2026-01-15T12:00:00.000Z',
    });
    const limits = { floor: 0, ceiling: null, expires_next: null };
    const balance = { user_id: user.id, unit: 'credit', balance: 70, held: 0, available: 70, ...limits };
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

  it('a grant that expires is seen to, and is gone at the moment it says', async () => {
    const expiresAt = '2026-01-15T13:00:00.000Z';
    const granted = await post({ type: 'grant', amount: 20, expires_at: expiresAt, priority: 10 });
    expect([granted.status, granted.body['expires_at']]).toEqual([201, expiresAt]);
    const next = await user.http.get('/api/users/me/credits');
    expect(next.body).toMatchObject({ available: 20, expires_next: { amount: 20, at: expiresAt } });
    app.clock.advanceSeconds(3600);
    // A token of before has expired by now.
    const { http } = await app.admin();
    expect((await http.get(`/api/users/${user.id}/credits`)).body).toMatchObject({ balance: 0, expires_next: null });
    const late = await http.post(`/api/users/${user.id}/credits`, { type: 'grant', amount: 1, expires_at: expiresAt });
    expect([late.status, late.body['code']]).toEqual([409, 'credits.lot_expired']);
  });

  it('a time or a field that does not go with the type is refused by its name', async () => {
    const fieldsOf = async (body: object): Promise<unknown> =>
      ((await post(body)).body['errors'] as { field: string }[]).map(({ field }) => field);
    expect(await fieldsOf({ type: 'grant', amount: 1, expires_at: 'tomorrow' })).toEqual(['expires_at']);
    expect(await fieldsOf({ type: 'spend', amount: 1, priority: 1 })).toEqual(['priority']);
    expect(await fieldsOf({ type: 'grant', amount: 1, unit: 'Not a unit' })).toEqual(['unit']);
  });

  it('a clawback goes below zero only where it says so', async () => {
    const bought = await post({ type: 'purchase', amount: 10 });
    await post({ type: 'spend', amount: 8 });
    const clawback = { type: 'clawback', amount: 10, refund_of: bought.body['id'] };
    expect((await post(clawback)).status).toBe(402);
    expect((await post({ ...clawback, allow_negative: true })).body).toMatchObject({ amount: -10, balance_after: -8 });
  });

  it('each unit has an account of its own', async () => {
    await post({ type: 'grant', amount: 3, unit: 'gold' });
    const balance = async (query: string): Promise<unknown> =>
      (await user.http.get(`/api/users/me/credits${query}`)).body['balance'];
    expect([await balance('?unit=gold'), await balance('')]).toEqual([3, 0]);
    expect((await user.http.get('/api/users/me/credits?unit=Gold')).status).toBe(422);
  });

  it('a past balance is what it was, and the future is not known', async () => {
    await post({ type: 'purchase', amount: 10 });
    app.clock.advanceSeconds(60);
    await post({ type: 'spend', amount: 4 });
    const at = (time: string): Promise<Answer> => admin.http.get(`/api/users/${user.id}/credits?at=${time}`);
    expect((await at('2026-01-15T12:00:30Z')).body).toEqual({
      user_id: user.id,
      unit: 'credit',
      at: '2026-01-15T12:00:30.000Z',
      balance: 10,
      held: 0,
    });
    expect((await at('2026-01-15T11:00:00Z')).body['balance']).toBe(0);
    expect([(await at('2027-01-01T00:00:00Z')).status, (await at('then')).status]).toEqual([422, 422]);
  });

  it('a floor below zero lends, a ceiling stops, and both are refused where the account stands outside', async () => {
    const limit = (body: object, to = user.id): Promise<Answer> =>
      admin.http.patch(`/api/users/${to}/credits/limits`, body);
    expect((await limit({ floor: -100, ceiling: 50 })).body).toMatchObject({
      floor: -100,
      ceiling: 50,
      available: 100,
    });
    expect((await post({ type: 'spend', amount: 60 })).body['balance_after']).toBe(-60);
    expect((await post({ type: 'purchase', amount: 200 })).body['code']).toBe('credits.out_of_range');
    expect((await limit({ floor: -10 })).body['code']).toBe('credits.limit_invalid');
    expect((await limit({ ceiling: null })).body).toMatchObject({ floor: -100, ceiling: null });
    const wrong = [{ floor: 1 }, { ceiling: -1 }, { ceiling: 1.5 }, { ceiling: 'none' }];
    for (const body of wrong) expect((await limit(body)).status).toBe(422);
    expect((await limit({ floor: -1 }, MISSING)).status).toBe(404);
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
