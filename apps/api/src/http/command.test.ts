import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';
import type { Answer } from '../../test/http.ts';

describeOnEachDatabase('idempotency', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
  });
  afterEach(() => app.close());

  const credits = (): string => `/api/users/${admin.id}/credits`;
  const purchase = (amount: number, headers: Record<string, string>): Promise<Answer> =>
    admin.http.post(credits(), { type: 'purchase', amount }, headers);
  const balance = async (): Promise<unknown> => (await admin.http.get(credits())).body['balance'];

  it('the same key gets the first answer again, byte by byte, and no second effect', async () => {
    const first = await purchase(5, { 'idempotency-key': 'order-1' });
    const again = await purchase(5, { 'idempotency-key': 'order-1' });
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect(await balance()).toBe(5);
  });

  it('X-Request-ID is the same key under another name', async () => {
    await purchase(5, { 'x-request-id': 'order-2' });
    expect((await purchase(5, { 'idempotency-key': 'order-2' })).headers.get('idempotent-replayed')).toBe('true');
    expect(await balance()).toBe(5);
  });

  it('the versioned address and a trailing slash are the same route', async () => {
    const body = { type: 'purchase', amount: 5 };
    await admin.http.post(credits(), body, { 'idempotency-key': 'order-3' });
    const again = await admin.http.post(`${credits().replace('/api/', '/api/v1/')}/`, body, {
      'idempotency-key': 'order-3',
    });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await balance()).toBe(5);
  });

  it('a key that came with another body is refused', async () => {
    await purchase(5, { 'idempotency-key': 'order-4' });
    const { status, body } = await purchase(6, { 'idempotency-key': 'order-4' });
    expect([status, body['code']]).toEqual([422, 'idempotency.key_reused']);
    expect(await balance()).toBe(5);
  });

  it('the same body with its names in another order is the same request', async () => {
    const send = (body: object): Promise<Answer> => admin.http.post(credits(), body, { 'idempotency-key': 'order-6' });
    await send({ type: 'purchase', amount: 5, metadata: { a: 1, b: [{ c: 2, d: 3 }] } });
    const again = await send({ metadata: { b: [{ d: 3, c: 2 }], a: 1 }, amount: 5, type: 'purchase' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const other = await send({ type: 'purchase', amount: 5, metadata: { a: 1, b: [{ c: 3, d: 2 }] } });
    expect([other.status, await balance()]).toEqual([422, 5]);
  });

  it('a key belongs to its caller and its route', async () => {
    const other = await app.user('second@example.org', { roles: ['admin'] });
    await purchase(5, { 'idempotency-key': 'mine' });
    const theirs = await other.http.post(credits(), { type: 'purchase', amount: 6 }, { 'idempotency-key': 'mine' });
    const elsewhere = await admin.http.post(
      `/api/users/${other.id}/credits`,
      { type: 'purchase', amount: 7 },
      { 'idempotency-key': 'mine' },
    );
    expect([theirs.status, elsewhere.status, await balance()]).toEqual([201, 201, 11]);
  });

  it('a refusal by a business rule is the answer for good', async () => {
    const spend = (): Promise<Answer> =>
      admin.http.post(credits(), { type: 'spend', amount: 5 }, { 'idempotency-key': 'spend-1' });
    const refused = await spend();
    await purchase(100, {});
    const again = await spend();
    expect([again.status, again.text]).toEqual([402, refused.text]);
    expect(again.headers.get('content-type')).toContain('application/problem+json');
  });

  it('a validation error does not use up the key', async () => {
    expect((await purchase(0, { 'idempotency-key': 'order-5' })).status).toBe(422);
    expect((await purchase(5, { 'idempotency-key': 'order-5' })).status).toBe(201);
  });

  it('answers without a body are replayed too', async () => {
    const { id } = await app.user('gone@example.org');
    const remove = (): Promise<Answer> =>
      admin.http.delete(`/api/users/${id}`, undefined, { 'idempotency-key': 'del-1' });
    const [first, again] = [await remove(), await remove()];
    expect([first.status, again.status, again.text]).toEqual([204, 204, '']);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('of many requests with one key at the same time one takes effect, and the others wait or see its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => purchase(5, { 'idempotency-key': 'race' })));
    const inFlight = answers.filter(({ status }) => status === 409);
    expect(
      inFlight.every(
        ({ body, headers }) => body['code'] === 'idempotency.in_flight' && headers.get('retry-after') === '1',
      ),
    ).toBe(true);
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map(({ text }) => text)).size).toBe(1);
    expect(inFlight.length + made.length).toBe(20);
    expect(await balance()).toBe(5);
    expect((await purchase(5, { 'idempotency-key': 'race' })).headers.get('idempotent-replayed')).toBe('true');
  });

  it.each(['', 'x'.repeat(201), 'two words', 'schlüssel'])('%j is no key', async (key) => {
    const { status, body } = await purchase(5, { 'idempotency-key': key });
    expect([status, body['errors']]).toEqual([422, [expect.objectContaining({ field: 'Idempotency-Key' })]]);
    expect(await balance()).toBe(0);
  });
});
