import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';
import type { Answer } from '../../test/http.ts';

const MISSING = '01900000-0000-7000-8000-000000000000';

describeOnEachDatabase('transfers and batches', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  let ada: SignedIn;
  let bob: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
    ada = await app.user('ada@example.org');
    bob = await app.user('bob@example.org');
    await app.core.credits.purchase({ userId: ada.id, amount: 100 });
  });
  afterEach(() => app.close());

  const balanceOf = async ({ id }: SignedIn): Promise<number> =>
    (await app.core.credits.balance({ userId: id })).balance;
  const transfer = (body: object, from = ada.id): Promise<Answer> =>
    admin.http.post(`/api/users/${from}/credits/transfers`, body);
  const batch = (items: object[], options: object = {}, headers = {}): Promise<Answer> =>
    admin.http.post('/api/credits/batch', { items, ...options }, headers);
  const spend = ({ id }: SignedIn, amount: number): object => ({ type: 'spend', user_id: id, amount });
  const statuses = ({ body }: Answer): number[] => (body['data'] as { status: number }[]).map(({ status }) => status);

  it('a transfer takes from one what it gives to the other, and both see it', async () => {
    const sent = await transfer({ to: bob.id, amount: 30, description: 'Share' });
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({ type: 'transfer_out', amount: -30, counterparty_id: bob.id });
    const received = await bob.http.get(`/api/users/me/credits/transactions/${String(sent.body['id'])}`);
    expect(received.body).toMatchObject({ type: 'transfer_in', amount: 30, counterparty_id: ada.id });
    expect([await balanceOf(ada), await balanceOf(bob)]).toEqual([70, 30]);
  });

  it('a transfer of too much, to nobody, or to oneself moves nothing', async () => {
    const answers = [
      await transfer({ to: bob.id, amount: 101 }),
      await transfer({ to: MISSING, amount: 1 }),
      await transfer({ to: ada.id, amount: 1 }),
      await transfer({ to: bob.id, amount: -1 }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([402, 404, 422, 422]);
    expect(await balanceOf(ada)).toBe(100);
  });

  it('each item of a batch has a result of its own', async () => {
    const answer = await batch([
      spend(ada, 60),
      spend(bob, 1),
      { type: 'transfer', user_id: ada.id, to: admin.id, amount: 10 },
      { type: 'grant', user_id: ada.id, amount: 1, final: true },
    ]);
    expect([answer.status, statuses(answer)]).toEqual([200, [201, 402, 201, 422]]);
    const [spent, refused] = answer.body['data'] as [object, object];
    expect(spent).toMatchObject({ transaction: { type: 'spend', amount: -60, balance_after: 40 } });
    expect(refused).toMatchObject({ problem: { code: 'credits.insufficient', available: 0, required: 1 } });
    expect([await balanceOf(ada), await balanceOf(bob), await balanceOf(admin)]).toEqual([30, 0, 10]);
  });

  it('an item names its faults as they were sent', async () => {
    const { body } = await batch([{ type: 'transfer', user_id: ada.id, amount: 1 }]);
    expect(body['data']).toMatchObject([{ status: 422, problem: { errors: [{ field: 'to' }] } }]);
    const late = await batch([{ type: 'grant', user_id: ada.id, amount: 1, expires_at: 'soon' }]);
    expect([late.status, late.body['errors']]).toMatchObject([422, [{ field: 'items.0.expires_at' }]]);
  });

  it('an atomic batch is posted whole, or not at all and says which item is at fault', async () => {
    const refused = await batch([spend(ada, 60), spend(bob, 1)], { atomic: true });
    expect([refused.status, refused.body['code'], refused.body['index']]).toEqual([409, 'credits.batch_refused', 1]);
    expect(await balanceOf(ada)).toBe(100);
    expect(statuses(await batch([spend(ada, 60), spend(ada, 40)], { atomic: true }))).toEqual([201, 201]);
    expect(await balanceOf(ada)).toBe(0);
  });

  it('a batch sent again with its key has one effect and one answer, and another batch is refused', async () => {
    const key = { 'idempotency-key': 'k'.repeat(200) };
    const items = [spend(ada, 60), spend(bob, 1)];
    const [first, again] = [await batch(items, {}, key), await batch(items, {}, key)];
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    expect(await balanceOf(ada)).toBe(40);
    const other = await batch([spend(ada, 1)], {}, key);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency.key_reused']);
    const refused = [spend(bob, 5)];
    const atomic = { 'idempotency-key': 'atomic' };
    const no = await batch(refused, { atomic: true }, atomic);
    expect([no.status, (await batch(refused, { atomic: true }, atomic)).text]).toEqual([409, no.text]);
  });

  it('a batch with an invalid item can be sent again in full and posts the rest once', async () => {
    const key = { 'idempotency-key': 'half' };
    const items = [spend(ada, 60), { type: 'release', user_id: ada.id }];
    expect(statuses(await batch(items, {}, key))).toEqual([201, 422]);
    expect(statuses(await batch(items, {}, key))).toEqual([201, 422]);
    expect(await balanceOf(ada)).toBe(40);
  });

  it('a batch of nothing, or of too much, is refused', async () => {
    for (const items of [[], Array.from({ length: 501 }, () => spend(ada, 1))])
      expect((await batch(items)).status).toBe(422);
    expect(await balanceOf(ada)).toBe(100);
  });
});
