import { openCore } from '@org/core';
import { createTestIssuer } from '@org/jwt-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ADMIN, openTestApp, TEST_SECRET, type TestApp } from '../../test/app.ts';
import { freshDatabase } from '../../test/databases.ts';
import type { Answer } from '../../test/http.ts';

describe('access tokens', () => {
  let app: TestApp;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await freshDatabase('sqlite');
    app = await openTestApp(databaseUrl);
  });
  afterAll(() => app.close());

  const me = (authorization: string): Promise<Answer> => app.http.get('/api/users/me', { authorization });

  /** A token by the same keys, from an installation that is configured otherwise. */
  async function tokenFrom(settings: { issuer?: string; audience?: string }): Promise<string> {
    await using core = await openCore({ databaseUrl, secretKey: TEST_SECRET, settings, clock: app.clock });
    return (await core.sessions.login(ADMIN)).accessToken;
  }

  /** Why a token was refused, in the answer and in the challenge. */
  async function refusalOf(token: string): Promise<unknown[]> {
    const { status, body, headers } = await me(`Bearer ${token}`);
    return [
      status,
      body['code'],
      headers.get('www-authenticate')?.startsWith('Bearer realm="api", error="invalid_token"'),
    ];
  }

  it('without a token the answer says how to authenticate', async () => {
    const { status, body, headers } = await app.http.get('/api/users/me');
    expect([status, body['code'], headers.get('www-authenticate')]).toEqual([
      401,
      'auth.token_missing',
      'Bearer realm="api"',
    ]);
  });

  it.each(['Basic YWRtaW46YWRtaW4=', 'Bearer', 'Bearer a b', 'bearer', 'Token x'])(
    '%j is no bearer token',
    async (authorization) => {
      expect((await me(authorization)).status).toBe(401);
    },
  );

  it('the scheme is read in any case', async () => {
    const { token } = await app.admin();
    expect((await me(`bEARER ${token}`)).status).toBe(200);
  });

  it('a token of another issuer is refused', async () => {
    expect(await refusalOf(await tokenFrom({ issuer: 'https://other.example.org' }))).toEqual([
      401,
      'auth.issuer_mismatch',
      true,
    ]);
  });

  it('a token for another audience is refused', async () => {
    expect(await refusalOf(await tokenFrom({ audience: 'other-service' }))).toEqual([
      401,
      'auth.audience_mismatch',
      true,
    ]);
  });

  it('a token signed by a stranger in our name is refused', async () => {
    const stranger = createTestIssuer({ issuer: app.core.settings.issuer, audience: app.core.settings.audience });
    expect(await refusalOf(stranger.mint({ sub: 'anybody' }))).toEqual([401, 'auth.kid_unknown', true]);
    expect(await refusalOf(stranger.mint({}, { kid: app.core.keys.jwks().keys[0]?.kid }))).toEqual([
      401,
      'auth.signature_invalid',
      true,
    ]);
  });

  it('a refresh token is no access token', async () => {
    expect(await refusalOf((await app.admin()).refreshToken)).toEqual([401, 'auth.token_malformed', true]);
  });

  it('a token whose payload was changed is refused', async () => {
    const [header, payload = '', signature] = (await app.admin()).token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const raised = Buffer.from(JSON.stringify({ ...claims, roles: ['admin', 'root'] })).toString('base64url');
    expect(await refusalOf(`${header}.${raised}.${signature}`)).toEqual([401, 'auth.signature_invalid', true]);
  });

  it('a token in the address is not read', async () => {
    const { token } = await app.admin();
    expect((await app.http.get(`/api/users/me?access_token=${token}`)).status).toBe(401);
  });

  it('a token lacking the permission is told which one', async () => {
    const user = await app.user('ada@example.org');
    const { status, headers } = await user.http.get('/api/users');
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(headers.get('www-authenticate')).toContain('scope="users:read"');
  });

  it('a token that has expired is refused', async () => {
    const { token } = await app.admin();
    app.clock.advanceSeconds(1_200);
    expect(await refusalOf(token)).toEqual([401, 'auth.token_expired', true]);
  });
});
