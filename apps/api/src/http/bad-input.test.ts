import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describeOnEachDatabase('hostile input', (database) => {
  let app: TestApp;
  let admin: SignedIn;
  beforeAll(async () => {
    app = await openTestApp(await freshDatabase(database));
    admin = await app.admin();
  });
  afterAll(() => app.close());

  it.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['no field', '{}'],
    ['a number for text', '{"email":5}'],
    ['null for text', '{"email":null}'],
    ['an object for text', '{"email":{"$ne":""}}'],
    ['an unknown field', '{"email":"a@example.org","admin":true}'],
    ['a prototype', '{"email":"a@example.org","__proto__":{"roles":["admin"]}}'],
    ['a constructor', '{"email":"a@example.org","constructor":{}}'],
    ['roles as text', '{"email":"a@example.org","roles":"admin"}'],
    ['text for a truth value', '{"email":"a@example.org","email_verified":"true"}'],
    ['a list for a profile', '{"email":"a@example.org","profile":[]}'],
    ['a short password', '{"email":"a@example.org","password":"short"}'],
    ['a long password', `{"email":"a@example.org","password":"${'x'.repeat(129)}"}`],
    ['a long name', `{"email":"a@example.org","name":"${'x'.repeat(201)}"}`],
    ['a big profile', `{"email":"a@example.org","profile":{"a":"${'x'.repeat(20_000)}"}}`],
    ['a NUL character', '{"email":"a@example.org","name":"a\\u0000b"}'],
    ['a NUL in a profile', '{"email":"a@example.org","profile":{"a":"\\u0000"}}'],
    ['no address', '{"email":"ada"}'],
    ['an address with a line break', '{"email":"ada@example.org\\nBcc: x"}'],
  ])('a new user with %s is 422 and names what is wrong', async (_, body) => {
    const answer = await admin.http.raw('/api/users', { method: 'POST', body, headers: JSON_TYPE });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      422,
      'application/problem+json; charset=utf-8',
    ]);
    expect((answer.body['errors'] as { field: string; code: string; message: string }[]).length).toBeGreaterThan(0);
  });

  it.each(['0', '-1', '1.5', '1e400', '9007199254740992', '-9007199254740992', '"5"', 'null', 'true', '[5]', '{}'])(
    'credits of the amount %s are 422',
    async (amount) => {
      const body = `{"type":"purchase","amount":${amount}}`;
      const answer = await admin.http.raw(`/api/users/${admin.id}/credits`, {
        method: 'POST',
        body,
        headers: JSON_TYPE,
      });
      expect([answer.status, (answer.body['errors'] as { field: string }[])[0]?.field]).toEqual([422, 'amount']);
    },
  );

  it.each([
    ['type', '["spend"]'],
    ['type', '[["spend"]]'],
    ['amount', '[1]'],
    ['description', '["a"]'],
    ['refund_of', '["0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11"]'],
  ])('a transaction whose %s is the list %s is 422, and the field is named', async (field, list) => {
    const body = JSON.stringify({ type: 'purchase', amount: 1, [field]: JSON.parse(list) as unknown });
    const answer = await admin.http.raw(`/api/users/${admin.id}/credits`, { method: 'POST', body, headers: JSON_TYPE });
    expect([answer.status, (answer.body['errors'] as { field: string }[])[0]?.field]).toEqual([422, field]);
  });

  it('a list is not null, and no list is text', async () => {
    for (const type of [['null'], ['student'], [null]]) {
      const answer = await admin.http.post('/api/users', { email: 'list@example.org', type });
      expect([answer.status, answer.body['errors']]).toEqual([422, [expect.objectContaining({ field: 'type' })]]);
    }
  });

  it('a wrong word gets all the words that are right', async () => {
    const { body } = await admin.http.post(`/api/users/${admin.id}/credits`, { type: 'gift', amount: 1 });
    expect(body['errors']).toEqual([
      {
        field: 'type',
        code: 'unknown_value',
        message: "must be one of 'purchase', 'grant', 'spend', 'adjustment', 'refund', 'clawback'",
      },
    ]);
    const list = await admin.http.get('/api/users?status=gone');
    expect(list.body['detail']).toBe("status: must be one of 'active', 'inactive', 'deleted'");
  });

  it('thousands of faults get an answer with the first twenty and the number of the others', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1]));
    const { status, body, text } = await admin.http.post('/api/users', { email: 'many@example.org', ...unknown });
    expect([status, (body['errors'] as object[]).length]).toEqual([422, 20]);
    expect(body['detail']).toMatch(/; and 4980 more$/);
    expect(text.length).toBeLessThan(5_000);
  });

  it('what is named is named shortly', async () => {
    const long = await admin.http.post('/api/users', { email: 'long@example.org', ['x'.repeat(50_000)]: 1 });
    const roles = Array.from({ length: 50 }, (_, index) => `${index}`.padEnd(1_000, 'r'));
    const unknown = await admin.http.post('/api/users', { email: 'long@example.org', roles });
    expect([long.status, unknown.status]).toEqual([422, 422]);
    expect(Math.max(long.text.length, unknown.text.length)).toBeLessThan(2_000);
  });

  it.each([
    'page=0',
    'page=-1',
    'page=1.5',
    'page=x',
    'page=1&page=2',
    'limit=0',
    'limit=101',
    'limit=1000',
    'limit=',
    'sort=password',
    'sort=constructor',
    'status=gone',
    'created_from=yesterday',
    'created_from=2026-W01',
    'created_to=2026-02-30',
    'created_from=2026-02-31T00:00:00Z',
    'created_from=2026-13-01T00:00:00Z',
    'created_to=2026-01-01T24:00:00Z',
    'created_to=2026-01-01T00:00:60Z',
    `search=${'x'.repeat(201)}`,
    'statsu=inactive',
  ])('a list with %s is 422', async (query) => {
    const { status } = await admin.http.get(`/api/users?${query}`);
    expect(status).toBe(422);
  });

  it.each([
    '1',
    'me2',
    'null',
    '0198C9A2-6F00-7CC1-A5C3-2F8F6D0C4B11',
    "'; drop table users; --",
    '..%2f..%2fetc%2fpasswd',
  ])('%j is no id: 422, and the field is id', async (id) => {
    const { status, body } = await admin.http.get(`/api/users/${encodeURI(id).replaceAll('%25', '%')}`);
    expect([status, body['errors']]).toEqual([422, [expect.objectContaining({ field: 'id' })]]);
  });

  it.each(['?search=%00', '?type=a%00', '?role=%00', '/%00', '/credits?cursor=%00'])(
    'a NUL in %j is 400',
    async (rest) => {
      const { status, body } = await admin.http.get(`/api/users${rest}`);
      expect([status, body['code']]).toEqual([400, 'request.malformed']);
    },
  );

  it('quotes and wildcards in a search are text', async () => {
    for (const search of ["' or 1=1 --", '%', '_', '\\']) {
      const { status, body } = await admin.http.get(`/api/users?search=${encodeURIComponent(search)}`);
      expect([search, status, body['data']]).toEqual([search, 200, []]);
    }
  });
});

describe('what is no request at all', () => {
  let app: TestApp;
  let admin: SignedIn;
  beforeAll(async () => {
    app = await openTestApp(await freshDatabase('sqlite'));
    admin = await app.admin();
  });
  afterAll(() => app.close());

  const post = (body: string | Buffer | ReadableStream, headers: Record<string, string> = JSON_TYPE) =>
    admin.http.raw('/api/users', {
      method: 'POST',
      body: body instanceof ReadableStream ? body : new Uint8Array(Buffer.from(body)),
      headers,
      duplex: 'half',
    });
  const inPieces = (...pieces: (string | Buffer)[]): ReadableStream =>
    ReadableStream.from(pieces.map((piece) => new Uint8Array(Buffer.from(piece))));

  it.each(['{', '{"email"}', 'null', '5', '"text"', '{"a":1}x', '\u{feff}{'])('a body of %j is 400', async (body) => {
    const answer = await post(body);
    expect([answer.status, answer.body['code']]).toEqual([400, 'request.malformed']);
  });

  it('a body nested without end is 400, not a crash', async () => {
    const depth = 40_000;
    const answer = await post(
      `{"email":"a@example.org","profile":${'{"a":'.repeat(depth / 10)}1${'}'.repeat(depth / 10)}}`,
    );
    expect([answer.status, answer.body['code']]).toEqual([400, 'request.malformed']);
    expect((await post(`{"profile":${'['.repeat(depth)}${']'.repeat(depth)}}`)).status).toBe(400);
  });

  it('brackets within text are no nesting', async () => {
    const answer = await post(JSON.stringify({ email: 'brackets@example.org', name: `${'['.repeat(100)}\\"{{` }));
    expect(answer.status).toBe(201);
  });

  it('a body above 100 kB is 413', async () => {
    const answer = await post(`{"email":"${'x'.repeat(100_000)}"}`);
    expect([answer.status, answer.body['code']]).toEqual([413, 'request.too_large']);
  });

  it('a body above 100 kB in pieces, of a length that nobody said before, is 413', async () => {
    const answer = await post(inPieces('{"email":"', 'x'.repeat(60_000), 'x'.repeat(60_000), '"}'));
    expect([answer.status, answer.body['code']]).toEqual([413, 'request.too_large']);
  });

  it('a body above 5 kB is 413 where anybody may send one', async () => {
    const login = `{"email":"a@example.org","password":"${'x'.repeat(5_000)}"}`;
    const answer = await admin.http.raw('/api/auth/login', { method: 'POST', body: login, headers: JSON_TYPE });
    expect([answer.status, answer.body['code']]).toEqual([413, 'request.too_large']);
  });

  it('a letter that comes in two pieces is one letter', async () => {
    const letter = Buffer.from('ä');
    const answer = await post(
      inPieces('{"email":"pieces@example.org","name":"', letter.subarray(0, 1), letter.subarray(1), '"}'),
    );
    expect([answer.status, answer.body['name']]).toEqual([201, 'ä']);
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON ; Charset="UTF-8"', 'application/json;x=y'])(
    'a body of type %s is read, with or without a byte order mark',
    async (type) => {
      for (const mark of ['', '\u{feff}']) {
        const answer = await post(`${mark}{"email":5}`, { 'content-type': type });
        expect([answer.status, answer.body['code']]).toEqual([422, 'request.invalid']);
      }
    },
  );

  it.each([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=iso-8859-1' },
    { 'content-type': 'application/json-seq' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
  ])('a body with %j is 415', async (headers) => {
    const answer = await post('{}', headers);
    expect([answer.status, answer.body['code']]).toEqual([415, 'request.unsupported_media_type']);
  });

  it('a broken percent-encoding is 400', async () => {
    const answer = await admin.http.get('/api/users/%e0%a4%a');
    expect(answer.status).toBe(400);
  });
});
