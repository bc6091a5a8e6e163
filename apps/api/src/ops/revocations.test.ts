import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type TestApp } from '../../test/app.ts';
import { describeOnEachDatabase, freshDatabase } from '../../test/databases.ts';

const FEED = '/.well-known/revocations';

describeOnEachDatabase('the revocation feed', (database) => {
  let app: TestApp;
  beforeEach(async () => (app = await openTestApp(await freshDatabase(database))));
  afterEach(() => app.close());

  interface Part {
    readonly [name: string]: unknown;
  }

  /** Header and payload of a document, after its signature was checked with the published key. */
  async function verified(jws: string): Promise<{ header: Part; payload: Part }> {
    const [head = '', body = '', signature = ''] = jws.split('.');
    const [header, payload] = [head, body].map(
      (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part,
    ) as [Part, Part];
    const { keys } = (await app.http.get('/.well-known/jwks.json')).body as { keys: JsonWebKey[] };
    const [key = {}] = keys.filter((jwk) => (jwk as { kid?: string }).kid === header['kid']);
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
    expect(isSigned).toBe(true);
    return { header, payload };
  }

  it('is a signed document of its own type that nobody else may keep, and unchanged while nothing is revoked', async () => {
    const { status, headers, text } = await app.http.get(FEED);
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'application/jwt',
      'private, max-age=3',
    ]);
    expect((await verified(text)).header).toMatchObject({ alg: 'RS256', typ: 'revocations+jwt' });
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const unchanged = await app.http.get(`${FEED}?since=whatever`, { 'if-none-match': etag });
    expect([unchanged.status, unchanged.text, unchanged.headers.get('etag')]).toEqual([304, '', etag]);
  });

  it('names a session that was signed out, to whoever asks with the cursor from before', async () => {
    await (await app.admin()).http.post('/api/auth/logout');
    const before = await app.http.get(FEED);
    const { payload } = await verified(before.text);
    const user = await app.user('ada@example.org');
    await user.http.post('/api/auth/logout');
    const headers = { 'if-none-match': before.headers.get('etag') ?? '' };
    const after = await app.http.get(`${FEED}?since=${String(payload['cursor'])}`, headers);
    expect(after.status).toBe(200);
    const { sid } = JSON.parse(Buffer.from(user.token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    expect((await verified(after.text)).payload).toMatchObject({
      iss: app.core.settings.issuer,
      complete: false,
      since: payload['cursor'],
      revocations: [{ sid }],
    });
  });

  it('is no access token, although the same key signs both', async () => {
    const { text } = await app.http.get(FEED);
    const { status, body } = await app.http.get('/api/users/me', { authorization: `Bearer ${text}` });
    expect([status, body['code']]).toEqual([401, 'auth.type_mismatch']);
  });
});
