import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestApp, type TestApp } from '../../test/app.ts';
import { freshDatabase } from '../../test/databases.ts';

describe('every answer', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await openTestApp(await freshDatabase('sqlite'), { corsOrigins: ['https://app.example.org'] });
  });
  afterAll(() => app.close());

  it.each(['/', '/api/users', '/api/docs/', '/nowhere', '/.well-known/jwks.json'])(
    '%s carries the security headers',
    async (path) => {
      const { headers } = await app.http.get(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it('a sane correlation id is echoed, in the header and in the problem, and is in the log', async () => {
    const { headers, body } = await app.http.get('/api/users', { 'x-correlation-id': 'order:17-a' });
    expect([headers.get('x-correlation-id'), body['correlation_id']]).toEqual(['order:17-a', 'order:17-a']);
    await expect.poll(() => app.logged()).toContain('order:17-a');
  });

  it.each(['two words', '{"a":1}', 'x'.repeat(129), ''])('the correlation id %j is replaced', async (given) => {
    const { headers } = await app.http.get('/api/health/live', { 'x-correlation-id': given });
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('the trace of the caller is in the log', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    await app.http.get('/api/health/live', { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    await expect.poll(() => app.logged()).toContain(`"trace_id":"${trace}"`);
  });

  it('the actor and the correlation id of a change are in its log line', async () => {
    const admin = await app.admin();
    await admin.http.post('/api/users', { email: 'audited@example.org' }, { 'x-correlation-id': 'audit-1' });
    await expect.poll(() => app.logged()).toContain(`"correlation_id":"audit-1","actor":"user:${admin.id}"`);
  });

  it('/api/v1 and a trailing slash lead to the same routes', async () => {
    const admin = await app.admin();
    const plain = await admin.http.get('/api/users/me');
    for (const path of ['/api/v1/users/me', '/api/users/me/', '/api/v1/users/me/']) {
      expect((await admin.http.get(path)).text).toBe(plain.text);
    }
  });

  it('an unknown address is 404, also with a token', async () => {
    for (const path of ['/api', '/api/v2/users', '/api/user', '/api/users/a/b/c', '/.env', '/API/users']) {
      const { status, body } = await app.http.get(path);
      expect([path, status, body['code']]).toEqual([path, 404, 'route.missing']);
    }
  });

  it('a method that an address does not answer is 405 with Allow', async () => {
    const { status, headers, body } = await app.http.put('/api/users', {});
    expect([status, headers.get('allow'), body['code']]).toEqual([
      405,
      'GET, HEAD, OPTIONS, POST',
      'route.method_not_allowed',
    ]);
    expect((await app.http.delete('/api/v1/users/')).status).toBe(405);
  });

  it.each(['/', '/api/openapi.json', '/api/docs', '/api/docs/', '/api/docs/swagger-ui.css'])(
    'the page %s answers GET and HEAD, and any other method with 405 and Allow',
    async (path) => {
      const allow = 'GET, HEAD, OPTIONS';
      for (const answer of [await app.http.post(path, {}), await app.http.delete(path)]) {
        expect([answer.status, answer.headers.get('allow'), answer.body['code']]).toEqual([
          405,
          allow,
          'route.method_not_allowed',
        ]);
      }
      const options = await app.http.raw(path, { method: 'OPTIONS' });
      expect([options.status, options.headers.get('allow')]).toEqual([204, allow]);
      expect((await app.http.raw(path, { method: 'HEAD' })).status).toBeLessThan(400);
    },
  );

  it('TRACE is answered by nothing', async () => expect(await statusOf('TRACE', `${app.url}/`)).toBe(405));

  it.each([
    '/api/docs/nope',
    '/api/docs/package.json',
    '/api/docs/index.html',
    '/api/docs/swagger-ui.css/',
    '/api/docs/swagger-ui-bundle.js.map',
    '/api/docs//',
  ])('%s is no page: 404, as a problem', async (path) => {
    const { status, headers, body } = await app.http.get(path);
    expect([status, headers.get('content-type'), body['code']]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
      'route.missing',
    ]);
  });

  it('the log line of an address that leads nowhere says which, without the query', async () => {
    await app.http.get('/no/such%1bplace?token=hush', { 'x-correlation-id': 'lost-1' });
    const line = (): string | undefined =>
      app
        .logged()
        .split('\n')
        .find((one) => one.includes('lost-1'));
    await expect.poll(line).toContain('"path":"/no/such%1bplace"');
    expect(line()).not.toContain('hush');
  });

  it('OPTIONS says what an address answers, and HEAD is a GET without its body', async () => {
    const options = await app.http.raw('/api/auth/login', { method: 'OPTIONS' });
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'OPTIONS, POST']);
    const head = await app.http.raw('/api/health/live', { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('pages of a configured origin may call the API, and no others', async () => {
    const preflight = { 'access-control-request-method': 'POST' };
    const ours = await app.http.raw('/api/users', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example.org', ...preflight },
    });
    expect([ours.status, ours.headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.example.org']);
    expect(ours.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    const get = await app.http.get('/api/health/live', { origin: 'https://app.example.org' });
    expect([get.headers.get('access-control-allow-origin'), get.headers.get('vary')]).toEqual([
      'https://app.example.org',
      'Origin',
    ]);
    for (const origin of ['https://app.example.org.evil.test', 'http://app.example.org', 'null']) {
      const theirs = await app.http.raw('/api/users', { method: 'OPTIONS', headers: { origin, ...preflight } });
      expect(theirs.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('the address of the caller', () => {
  const device = async (trustProxy: false | number): Promise<string | null> => {
    const app = await openTestApp(await freshDatabase('sqlite'), { trustProxy });
    let seen: string | undefined;
    const as = app.core.as.bind(app.core);
    app.core.as = (context) => as(((seen = context.address ?? seen), context));
    await app.http.get('/api/health', { 'x-forwarded-for': '203.0.113.7' });
    await app.close();
    return seen ?? null;
  };

  it('is that of the connection, whatever a header says', async () => expect(await device(false)).toBe('127.0.0.1'));

  it('is what a trusted proxy says', async () => expect(await device(1)).toBe('203.0.113.7'));
});

/** For a method that fetch refuses to send. */
async function statusOf(method: string, url: string): Promise<number | undefined> {
  const [answer] = (await once(request(url, { method }).end(), 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}
