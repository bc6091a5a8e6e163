import { JWKS_MAX_AGE_SECONDS, PUBLISHED_AHEAD_SECONDS } from '@org/core';
import { createVerifier, type Verifier } from '@org/jwt-client';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openTestApp, type SignedIn, type TestApp } from './app.ts';
import { describeOnEachDatabase, freshDatabase } from './databases.ts';
import type { Answer } from './http.ts';

const STEP_SECONDS = 60;
const ROTATIONS = 3;
/** Three rotations one after the other, and until the last old key is gone. */
const STEPS = ROTATIONS * (PUBLISHED_AHEAD_SECONDS / STEP_SECONDS + 1) + 20;

describeOnEachDatabase('tokens over HTTP, from two servers on one database', (database) => {
  let apps: readonly [TestApp, TestApp];
  beforeEach(async () => {
    const databaseUrl = await freshDatabase(database);
    apps = [await openTestApp(databaseUrl), await openTestApp(databaseUrl)];
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
  });

  const pass = (seconds: number): void => apps.forEach(({ clock }) => clock.advanceSeconds(seconds));
  const meAt = async (app: TestApp, token: string): Promise<number> =>
    (await fetch(`${app.url}/api/users/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  const refreshAt = async ({ http }: TestApp, token: string): Promise<Answer> =>
    http.post('/api/auth/refresh', { refresh_token: token });

  it('three rotations under load: no valid token is refused, and none is accepted after its key is gone', async () => {
    const [app] = apps;
    const clientsAt = (offsetSeconds: number): Verifier[] => apps.map((one) => clientOf(one, offsetSeconds));
    // Whose clocks are an hour behind, so that it is not the expiry that refuses.
    const [clients, late] = [clientsAt(0), clientsAt(-3_600)];
    let sessions: readonly SignedIn[] = [await app.admin(), await app.admin()];
    const tokens: { token: string; kid: string; expires: number }[] = [];
    const rotated: Response[] = [];
    let rotations = 0;

    for (let step = 0; step < STEPS; step++) {
      await Promise.all(apps.map(({ core }) => core.keys.advance()));
      sessions = await Promise.all(sessions.map((session, n) => refreshed(apps[(n + step) % 2] ?? app, session)));
      tokens.push(...sessions.map(({ token }) => read(token)));
      const keys = (await app.core.keys.list()).filter(({ state }) => state !== 'gone');
      if (rotations < ROTATIONS && keys.every(({ state }) => state !== 'next')) {
        rotations += 1;
        const bearer = { headers: { authorization: `Bearer ${sessions[0]?.token}` }, method: 'POST' };
        rotated.push(...(await Promise.all(apps.map(({ url }) => fetch(`${url}/api/keys/rotate`, bearer)))));
      }
      const now = app.clock().getTime() / 1000;
      for (const { token } of tokens.filter(({ expires }) => expires > now)) {
        expect(await Promise.all(apps.map((one) => meAt(one, token)))).toEqual([200, 200]);
        for (const client of clients) await expect(client.verify(token)).resolves.toBeDefined();
      }
      pass(STEP_SECONDS);
    }
    expect(new Set(rotated.map(({ status }) => status))).toEqual(new Set([200]));
    expect([rotations, new Set(tokens.map(({ kid }) => kid)).size]).toEqual([ROTATIONS, ROTATIONS + 1]);
    // By now every copy of the key set is older than it may get.
    pass(JWKS_MAX_AGE_SECONDS + STEP_SECONDS);
    const [{ kid: last } = { kid: '' }] = await app.core.keys.list();
    const gone = tokens.filter(({ kid }) => kid !== last);
    expect(gone.length).toBeGreaterThan(ROTATIONS);
    for (const client of late) {
      for (const { token } of gone) await expect(client.verify(token)).rejects.toMatchObject({ code: 'kid_unknown' });
      client.close();
    }
  }, 120_000);

  it('fifty refreshes of one token at once get one and the same successor, and an older token ends the family everywhere', async () => {
    const [here, there] = apps;
    const { refreshToken } = await here.admin();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => refreshAt(n % 2 ? here : there, refreshToken)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const [successor = '', ...others] = new Set(answers.map(({ body }) => String(body['refresh_token'])));
    expect(others).toEqual([]);

    const next = await refreshAt(there, successor);
    expect(next.status).toBe(200);
    expect((await refreshAt(here, refreshToken)).status).toBe(401);
    expect((await refreshAt(there, String(next.body['refresh_token']))).status).toBe(401);
    expect(await meAt(here, String(next.body['access_token']))).toBe(401);
  });

  it.each([3_600, -3_600])(
    'a clock that is set %i seconds off, and back, revives no token and stops nobody from signing in',
    async (seconds) => {
      const [app] = apps;
      const [left, used, pair] = [await app.admin(), await app.admin(), await app.admin()];
      await left.http.post('/api/auth/logout');
      const successor = String((await refreshAt(app, used.refreshToken)).body['refresh_token']);
      expect((await refreshAt(app, successor)).status).toBe(200);
      for (const jump of [seconds, -seconds]) {
        pass(jump);
        expect(await meAt(app, left.token)).toBe(401);
        for (const { refreshToken } of [left, used]) expect((await refreshAt(app, refreshToken)).status).toBe(401);
        expect((await app.admin()).token).not.toBe('undefined');
      }
      expect((await refreshAt(app, pair.refreshToken)).status).toBe(200);
    },
  );
});

/** Another application, which follows the published keys of this server, on the clock of the test. */
function clientOf({ url, clock, core }: TestApp, offsetSeconds: number): Verifier {
  const { issuer, audience } = core.settings;
  const jwks = { uri: `${url}/.well-known/jwks.json` };
  return createVerifier({ issuer, audience, jwks, clock: () => clock().getTime() + offsetSeconds * 1000 });
}

async function refreshed({ http }: TestApp, session: SignedIn): Promise<SignedIn> {
  const { status, body } = await http.post('/api/auth/refresh', { refresh_token: session.refreshToken });
  expect(status).toBe(200);
  return { ...session, token: String(body['access_token']), refreshToken: String(body['refresh_token']) };
}

function read(token: string): { token: string; kid: string; expires: number } {
  const [header, claims] = token
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { token, kid: String(header?.['kid']), expires: Number(claims?.['exp']) };
}
