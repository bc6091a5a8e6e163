import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';
import type { Answer } from '../../test/http.ts';

const MISSING = '01900000-0000-7000-8000-000000000000';

describeOnEachDatabase('holds', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  let user: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
    user = await app.user('ada@example.org');
    await app.core.credits.purchase({ userId: user.id, amount: 100 });
  });
  afterEach(() => app.close());

  const place = (body: object, headers = {}, to = user.id): Promise<Answer> =>
    admin.http.post(`/api/users/${to}/credits/holds`, body, headers);
  const act = (hold: Answer, action: 'capture' | 'release', body?: object): Promise<Answer> =>
    admin.http.post(`/api/credits/holds/${String(hold.body['id'])}/${action}`, body);

  it('a hold is answered with where it can be read, and sets credits aside', async () => {
    const hold = await place({ amount: 60, expires_in_seconds: 3600, description: 'Room', reference: 'b-1' });
    expect([hold.status, hold.headers.get('location')]).toEqual([201, `/api/credits/holds/${String(hold.body['id'])}`]);
    expect(hold.body).toEqual({
      id: expect.any(String) as string,
      user_id: user.id,
      unit: 'credit',
      amount: 60,
      captured: 0,
      released: 0,
      held: 60,
      status: 'open',
      expires_at: '2026-01-15T13:00:00.000Z',
      description: 'Room',
      reference: 'b-1',
      created_at: '2026-01-15T12:00:00.000Z',
    });
    expect((await admin.http.get(hold.headers.get('location') ?? '')).body).toEqual(hold.body);
    expect((await user.http.get('/api/users/me/credits')).body).toMatchObject({
      balance: 100,
      held: 60,
      available: 40,
    });
    expect((await place({ amount: 41 })).body).toMatchObject({ code: 'credits.insufficient', available: 40 });
  });

  it('a hold is captured in parts, and the final one lets go of the rest', async () => {
    const hold = await place({ amount: 60 });
    const part = await act(hold, 'capture', { amount: 25 });
    expect(part.status).toBe(201);
    expect(part.body).toMatchObject({ type: 'capture', amount: -25, held_after: 35, hold_id: hold.body['id'] });
    expect((await admin.http.get(part.headers.get('location') ?? '')).body).toEqual(part.body);
    expect((await act(hold, 'capture', { amount: 36 })).body).toMatchObject({ code: 'credits.hold_exceeds', held: 35 });
    await act(hold, 'capture', { amount: 5, final: true });
    const closed = await admin.http.get(`/api/credits/holds/${String(hold.body['id'])}`);
    expect(closed.body).toMatchObject({ captured: 30, released: 30, held: 0, status: 'closed' });
    expect((await act(hold, 'capture', {})).body['code']).toBe('credits.hold_closed');
  });

  it('a released hold can be spent otherwise, and is released once', async () => {
    const hold = await place({ amount: 60 });
    expect((await act(hold, 'release')).body).toMatchObject({ type: 'release', amount: 0, held_change: -60 });
    expect((await user.http.get('/api/users/me/credits')).body['available']).toBe(100);
    expect((await act(hold, 'release')).status).toBe(409);
  });

  it('a hold and a capture sent again with their keys have one effect and one answer', async () => {
    const key = { 'idempotency-key': 'hold-1' };
    const [first, again] = [await place({ amount: 60 }, key), await place({ amount: 60 }, key)];
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const path = `/api/credits/holds/${String(first.body['id'])}/capture`;
    const captured = await admin.http.post(path, {}, key);
    expect((await admin.http.post(path, {}, key)).text).toBe(captured.text);
    expect((await user.http.get('/api/users/me/credits')).body).toMatchObject({ balance: 40, held: 0 });
  });

  it('what is no hold is 404, and what is no amount or time 422', async () => {
    expect((await admin.http.get(`/api/credits/holds/${MISSING}`)).status).toBe(404);
    expect((await admin.http.post(`/api/credits/holds/${MISSING}/capture`, {})).status).toBe(404);
    expect((await admin.http.post(`/api/credits/holds/${MISSING}/release`)).status).toBe(404);
    expect((await place({ amount: 1 }, {}, MISSING)).status).toBe(404);
    for (const body of [{ amount: 0 }, { amount: 1.5 }, { amount: 1, expires_in_seconds: 2_592_001 }, {}])
      expect((await place(body)).status).toBe(422);
    expect((await admin.http.get('/api/credits/holds/x')).status).toBe(422);
  });
});
