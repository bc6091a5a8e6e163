import { createPublicKey, createVerify } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

const MISSING = '01900000-0000-7000-8000-000000000000';
const CSV = { accept: 'text/csv' };

describeOnEachDatabase('statements, exports and receipts', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  let user: SignedIn;
  beforeEach(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
    user = await app.user('ada@example.org');
  });
  afterEach(() => app.close());

  const january = 'from=2026-01-15T12:00:30Z&to=2026-02-01T00:00:00Z';
  async function postSome(): Promise<void> {
    await app.core.credits.purchase({ userId: user.id, amount: 100 });
    app.clock.advanceSeconds(60);
    await app.core.credits.spend({ userId: user.id, amount: 30, description: '=HYPERLINK("x"), two\nlines' });
    await app.core.credits.hold({ userId: user.id, amount: 20, expiresInSeconds: 30 * 24 * 3600 });
  }

  it('a statement opens, lists, sums up and closes', async () => {
    await postSome();
    const { status, body } = await admin.http.get(`/api/users/${user.id}/credits/statement?${january}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user_id: user.id,
      unit: 'credit',
      from: '2026-01-15T12:00:30.000Z',
      opening: { balance: 100, held: 0 },
      totals: [
        { type: 'hold', count: 1, amount: 0 },
        { type: 'spend', count: 1, amount: -30 },
      ],
      closing: { balance: 70, held: 20 },
      entries: { data: [{ type: 'spend' }, { type: 'hold' }], has_more: false },
    });
    const short = await user.http.get(`/api/users/me/credits/statement?${january}&limit=1`);
    expect(short.body['entries']).toMatchObject({ data: [{ type: 'spend' }], has_more: true });
  });

  it('a statement as CSV has the opening and the closing balance around every transaction', async () => {
    await postSome();
    const { headers, text } = await user.http.get(`/api/users/me/credits/statement?${january}`, CSV);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe('attachment; filename="statement.csv"');
    const [head = '', ...rows] = text.trimEnd().split('\r\n');
    expect(head.split(',').slice(0, 8)).toEqual(
      'id created_at type unit amount balance_after held_change held_after'.split(' '),
    );
    const columns = rows.map((row) => row.split(',').slice(2, 8).join());
    expect(columns).toEqual([
      'opening,credit,,100,,0',
      'spend,credit,-30,70,0,0',
      'hold,credit,0,70,20,20',
      'closing,credit,,70,,20',
    ]);
    // Quoted for the comma, and marked so that no spreadsheet takes it for a formula.
    expect(text).toContain(`,"'=HYPERLINK(""x""), two\nlines",`);
  });

  it('an export has every transaction once, however many there are', async () => {
    const items = Array.from({ length: 230 }, (_, at) => ({ type: 'grant', userId: user.id, amount: at + 1 }) as const);
    await app.core.credits.batch({ items });
    for (const address of ['me', user.id]) {
      const http = address === 'me' ? user.http : admin.http;
      const { status, text } = await http.get(`/api/users/${address}/credits/transactions?limit=5`, CSV);
      const amounts = text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((row) => Number(row.split(',')[4]));
      expect([status, amounts]).toEqual([200, items.map(({ amount }) => amount).toReversed()]);
    }
  });

  it('what cannot be exported is refused as a problem', async () => {
    const missing = await admin.http.get(`/api/users/${MISSING}/credits/transactions`, CSV);
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    const queries = [
      '',
      'from=2026-01-01T00:00:00Z',
      'from=then&to=now',
      'from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z',
    ];
    for (const query of queries)
      expect((await user.http.get(`/api/users/me/credits/statement?${query}`, CSV)).status).toBe(422);
    expect((await admin.http.get(`/api/users/${MISSING}/credits/statement?${january}`)).status).toBe(404);
  });

  it('a receipt is signed with a published key and says what the transaction did', async () => {
    const { id } = await app.core.credits.purchase({ userId: user.id, amount: 100 });
    const { headers, text } = await user.http.get(`/api/users/me/credits/transactions/${id}/receipt`);
    expect(headers.get('content-type')).toBe('application/jwt');
    const [head = '', claims = '', signature = ''] = text.split('.');
    const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
    expect(decoded(head)['typ']).toBe('receipt+jwt');
    expect(decoded(claims)).toMatchObject({ sub: user.id, receipt: { id, seq: 1, amount: 100, balance_after: 100 } });
    const key = app.core.keys.jwks().keys.find(({ kid }) => kid === decoded(head)['kid']);
    const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
    const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`);
    expect(signed.verify(publicKey, signature, 'base64url')).toBe(true);
    expect((await admin.http.get(`/api/users/${user.id}/credits/transactions/${id}/receipt`)).status).toBe(200);
  });

  it('a transaction of another user is as missing as none', async () => {
    const { id } = await app.core.credits.purchase({ userId: user.id, amount: 100 });
    for (const end of ['', '/receipt']) {
      const anothers = await admin.http.get(`/api/users/me/credits/transactions/${id}${end}`);
      const none = await admin.http.get(`/api/users/me/credits/transactions/${MISSING}${end}`);
      expect([anothers.status, none.status]).toEqual([404, 404]);
      expect(anothers.body['code']).toBe(none.body['code']);
    }
  });
});
