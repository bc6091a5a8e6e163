import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestApp, type TestApp } from '../../test/app.ts';
import { freshDatabase } from '../../test/databases.ts';
import { document, operations } from '../../test/http.ts';

describe('pages', () => {
  let app: TestApp;
  beforeAll(async () => (app = await openTestApp(await freshDatabase('sqlite'))));
  afterAll(() => app.close());

  it('the landing page runs no script, and every link on it leads somewhere', async () => {
    const { status, headers, text } = await app.http.get('/');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const nonce = /style-src 'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1];
    expect(text).toContain(`<style nonce="${nonce}">`);
    expect(text).not.toMatch(/<script|style="|onclick/);
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
    expect(links.length).toBeGreaterThan(3);
    for (const href of links) expect((await app.http.get(href)).status).toBeLessThan(400);
  });

  it('each landing page has a nonce of its own', async () => {
    const [first, second] = [await app.http.get('/'), await app.http.get('/')];
    expect(first.headers.get('content-security-policy')).not.toBe(second.headers.get('content-security-policy'));
  });

  it('HOME_URL takes the place of the landing page', async () => {
    const elsewhere = await openTestApp(await freshDatabase('sqlite'), { homeUrl: 'https://www.example.org/home' });
    const { status, headers } = await elsewhere.http.get('/');
    expect([status, headers.get('location')]).toEqual([302, 'https://www.example.org/home']);
    await elsewhere.close();
  });

  it('Swagger UI comes with its files, without an inline script, and reads the served document', async () => {
    const redirected = await app.http.get('/api/docs');
    expect([redirected.status, redirected.headers.get('location')]).toEqual([301, '/api/docs/']);
    const { text } = await app.http.get('/api/docs/');
    expect(text).not.toMatch(/<script>|<script [^>]*>\s*[^<\s]/);
    const files = [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file);
    expect(files).toContain('swagger-ui-bundle.js');
    for (const file of files) expect([file, (await app.http.get(`/api/docs/${file}`)).status]).toEqual([file, 200]);
    expect((await app.http.get('/api/docs/swagger-ui-init.js')).text).toContain('"url": "/api/openapi.json"');
  });

  it('the served document is the committed one', async () => {
    const { status, body } = await app.http.get('/api/openapi.json');
    expect([status, body]).toEqual([200, document]);
  });
});

describe('the OpenAPI document', () => {
  it('describes every operation: id, summary, description, tags, example', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operation } of operations) {
      expect(operation).toMatchObject({
        summary: expect.stringMatching(/\w/) as string,
        description: expect.stringMatching(/\w/) as string,
      });
      expect(operation.tags).toHaveLength(1);
    }
  });

  it('shows an example of every answer that has a body', () => {
    const bare = operations.filter(({ operation: { responses } }) => {
      const success = responses['200'] ?? responses['201'];
      return success !== undefined && !JSON.stringify(success).includes('"examples"');
    });
    expect(bare.map(({ operation }) => operation.operationId)).toEqual([]);
  });

  it('names the refusals of every protected operation, and the Idempotency-Key of every change', () => {
    for (const { path, method, operation } of operations) {
      const permissions = operation.security?.flatMap((scheme) => scheme['bearer'] ?? []) ?? [];
      const isProtected = operation.security?.some((scheme) => 'bearer' in scheme) ?? false;
      expect([path, isProtected]).toEqual([path, isProtected && '401' in operation.responses]);
      expect([path, permissions.length > 0]).toEqual([path, '403' in operation.responses]);
      const isKeyed = method !== 'GET' && !path.startsWith('/api/auth/');
      expect([path, JSON.stringify(operation).includes('parameters/IdempotencyKey')]).toEqual([path, isKeyed]);
    }
  });
});
