import { DatabaseSync } from 'node:sqlite';
import { Secret } from '@org/core';
import { createVerifier } from '@org/jwt-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestApp, type TestApp } from '../../test/app.ts';
import { freshDatabase } from '../../test/databases.ts';

const STATUS_TOKEN = 'the-status-token-of-this-test';

describe('operations', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await openTestApp(await freshDatabase('sqlite'), { statusToken: new Secret(STATUS_TOKEN) });
  });
  afterAll(() => app.close());

  it('the public keys are cacheable and revalidated by a strong ETag', async () => {
    const { status, headers, body, text } = await app.http.get('/.well-known/jwks.json');
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=300, stale-while-revalidate=300']);
    expect(body['keys']).toEqual([expect.objectContaining({ alg: 'RS256', use: 'sig' })]);
    expect(text).not.toContain('"d"');
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const again = await app.http.get('/.well-known/jwks.json', { 'if-none-match': etag });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await app.http.get('/.well-known/jwks.json', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('the metadata name this issuer and no address that does not exist', async () => {
    const { body } = await app.http.get('/.well-known/openid-configuration');
    expect(body['issuer']).toBe(app.core.settings.issuer);
    const named = Object.entries(body).filter(([name]) => /_(endpoint|uri)$/.test(name));
    expect(named).toEqual([
      ['jwks_uri', `${app.core.settings.issuer}/.well-known/jwks.json`],
      ['revocations_uri', `${app.core.settings.issuer}/.well-known/revocations`],
    ]);
    for (const [, address] of named) expect((await app.http.get(new URL(String(address)).pathname)).status).toBe(200);
  });

  it('the published verifier finds the keys and accepts our tokens', async () => {
    const { issuer, audience } = app.core.settings;
    const there: typeof fetch = async (input) => fetch((input as URL | string).toString().replace(issuer, app.url));
    const verifier = createVerifier({ issuer, audience, jwks: { fetch: there }, clock: () => app.clock().getTime() });
    const admin = await app.admin();
    const auth = await verifier.verify(admin.token, { scope: 'users:read' });
    expect([auth.subject, auth.kind]).toEqual([admin.id, 'user']);
    verifier.close();
  });

  it('health says what the service depends on', async () => {
    for (const path of ['/api/health', '/api/health/ready']) {
      const { status, body } = await app.http.get(path);
      expect([status, body]).toEqual([
        200,
        {
          service: 'users-service',
          status: 'ok',
          timestamp: '2026-01-15T12:00:00.000Z',
          checks: { database: 'ok', ledger: 'never' },
        },
      ]);
    }
  });

  it('health shows what the last verification of the ledger found, and stays up', async () => {
    const databaseUrl = await freshDatabase('sqlite');
    const tampered = await openTestApp(databaseUrl);
    const { id: userId } = await tampered.admin();
    await tampered.core.credits.purchase({ userId, amount: 100 });
    const ledger = async (): Promise<unknown> => {
      await tampered.core.credits.verify({ whole: true });
      const { status, body } = await tampered.http.get('/api/health');
      return [status, (body['checks'] as { ledger: string }).ledger];
    };
    expect(await ledger()).toEqual([200, 'ok']);
    const database = new DatabaseSync(databaseUrl.slice('sqlite:'.length));
    for (const { name } of database.prepare(`select name from sqlite_master where type = 'trigger'`).all())
      database.exec(`drop trigger ${String(name)}`);
    database.exec('update credit_entry set amount = 200');
    database.close();
    expect(await ledger()).toEqual([200, 'failing']);
    await tampered.close();
  });

  it('a process that is ending is alive and not ready, and in the end tells connections to close', async () => {
    for (const [phase, connection] of [
      ['draining', 'keep-alive'],
      ['closing', 'close'],
    ] as const) {
      app.lifecycle.phase = phase;
      const ready = await app.http.get('/api/health/ready');
      expect([ready.status, ready.body['status'], ready.headers.get('connection')]).toEqual([
        503,
        'draining',
        connection,
      ]);
      expect((await app.http.get('/api/health/live')).status).toBe(200);
    }
    app.lifecycle.phase = 'serving';
  });

  it('the status is for those who hold the token', async () => {
    const { status, body } = await app.http.get('/api/status', { 'x-status-token': STATUS_TOKEN });
    expect([status, body]).toEqual([200, { status: 'ok', service: 'users-service' }]);
    for (const headers of [{}, { 'x-status-token': '' }, { 'x-status-token': `${STATUS_TOKEN}x` }]) {
      expect((await app.http.get('/api/status', headers)).status).toBe(401);
    }
  });

  it('without a configured token there is no status', async () => {
    const bare = await openTestApp(await freshDatabase('sqlite'));
    const { status, body } = await bare.http.get('/api/status', { 'x-status-token': '' });
    expect([status, body['code']]).toEqual([404, 'route.missing']);
    await bare.close();
  });
});
