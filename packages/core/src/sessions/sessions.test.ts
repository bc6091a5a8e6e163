import { createPublicKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { expect, onTestFinished, test } from 'vitest';

import { claimsOf, openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { TEST_SECRET } from '../../test/scope.ts';
import { entities, openDatabase } from '../database/index.ts';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  openCore,
  Overloaded,
  REFRESH_GRACE_SECONDS,
  Secret,
  type Core,
  type TokenPair,
} from '../index.ts';

const DAY_SECONDS = 24 * 3600;

describeOnEachDatabase('sessions', ({ url }) => {
  const signedIn = async (options = {}) => {
    const { core, clock } = await openTestCore(await url(), options);
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const pair = await core
      .as({ device: 'Firefox', address: '192.0.2.1' })
      .sessions.login({ email: 'ada@example.org', password: PASSWORD });
    return { core, clock, user, pair };
  };
  const isRevoked = (core: Core, { accessToken }: TokenPair): boolean => {
    const claims = claimsOf(accessToken);
    return core.sessions.isRevoked({
      subject: String(claims['sub']),
      sessionId: String(claims['sid']),
      issuedAt: Number(claims['iat']),
    });
  };

  test('an access token says what RFC 9068 asks for and verifies with the published key', async () => {
    const { core, clock, user, pair } = await signedIn({ settings: { signingAlgorithm: 'RS256' } });
    const header = jsonwebtoken.decode(pair.accessToken, { complete: true })?.header;
    const jwk = core.keys.jwks().keys.find((key) => key.kid === header?.kid);
    if (jwk === undefined) throw new Error('the key is not published');
    expect(header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: jwk.kid });
    const iat = Math.floor(clock().getTime() / 1000);
    const claims = jsonwebtoken.verify(pair.accessToken, createPublicKey({ key: jwk, format: 'jwk' }), {
      algorithms: ['RS256'],
      clockTimestamp: iat,
    });
    expect(claims).toEqual({
      iss: 'http://127.0.0.1:8000',
      aud: 'users-service',
      sub: user.id,
      client_id: 'users-service',
      iat,
      exp: iat + pair.expiresInSeconds,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      scope: '',
      roles: ['user'],
      email: 'ada@example.org',
      email_verified: false,
    });
    expect(pair.expiresInSeconds).toBeGreaterThanOrEqual(855);
    expect(pair.expiresInSeconds).toBeLessThanOrEqual(900);
  });

  test('the published key holds no private part', async () => {
    const { core } = await signedIn({ settings: { signingAlgorithm: 'RS256' } });
    for (const key of core.keys.jwks().keys)
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  test.each(['RS256', 'PS256', 'ES256'] as const)('%s can be chosen', async (signingAlgorithm) => {
    const { core, pair } = await signedIn({ settings: { signingAlgorithm } });
    const [jwk] = core.keys.jwks().keys;
    if (jwk === undefined) throw new Error('no key');
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(
      jsonwebtoken.verify(pair.accessToken, key, {
        algorithms: [signingAlgorithm],
        clockTimestamp: Number(claimsOf(pair.accessToken)['iat']),
      }),
    ).toBeTruthy();
  });

  test('an admin token carries every permission as its scope', async () => {
    const { core } = await signedIn();
    const { accessToken } = await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    expect(String(claimsOf(accessToken)['scope']).split(' ')).toContain('credits:write');
  });

  test.each([
    ['a wrong password', 'ada@example.org', 'wrong password'],
    ['an unknown address', 'nobody@example.org', PASSWORD],
    ['an empty password', 'ada@example.org', ''],
    ['a huge password', 'ada@example.org', 'x'.repeat(100_000)],
    ['rubbish for an address', "' or 1=1 --", PASSWORD],
  ])('%s is answered like every other failure', async (_, email, password) => {
    const { core } = await signedIn();
    await expect(core.sessions.login({ email, password })).rejects.toThrow(InvalidCredentials);
  });

  test('an unknown address takes as long as a wrong password', async () => {
    const { core } = await openTestCore(await url(), { settings: { argon2MemoryKib: 19_456, argon2Passes: 2 } });
    await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const timed = async (email: string): Promise<number> => {
      const startedMs = performance.now();
      await core.sessions.login({ email, password: 'wrong password' }).catch(() => undefined);
      return performance.now() - startedMs;
    };
    // In turns, and the fastest of each: what else the machine does slows both.
    const times = { wrong: Infinity, unknown: Infinity };
    for (let turn = 0; turn < 8; turn++) {
      times.wrong = Math.min(times.wrong, await timed('ada@example.org'));
      times.unknown = Math.min(times.unknown, await timed('nobody@example.org'));
    }
    expect(times.unknown).toBeGreaterThan(times.wrong / 2);
  });

  test('a password hashed with older parameters is hashed anew at sign-in', async () => {
    const databaseUrl = await url();
    const { core } = await openTestCore(databaseUrl);
    await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const stronger = await openCore({
      databaseUrl,
      secretKey: new Secret(TEST_SECRET),
      settings: { argon2MemoryKib: 2048, argon2Passes: 2 },
    });
    await stronger.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    await stronger.close();
    const database = await openDatabase(databaseUrl);
    const [row] = await database.read<{ password_hash: string }>(
      `select c.password_hash from credential c join users u on u.id = c.user_id where u.email = 'ada@example.org'`,
    );
    await database.close();
    expect(row?.password_hash).toMatch(/m=2048,.*t=2\b/);
    await expect(core.sessions.login({ email: 'ada@example.org', password: PASSWORD })).resolves.toBeDefined();
  });

  test('more sign-ins than can be checked soon are refused, none is lost', async () => {
    const { core } = await signedIn({ settings: { hashConcurrency: 1, argon2MemoryKib: 65_536, argon2Passes: 6 } });
    const tries = await Promise.allSettled(
      Array.from({ length: 60 }, () => core.sessions.login({ email: 'ada@example.org', password: PASSWORD })),
    );
    const refused = tries.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one.reason).toBeInstanceOf(Overloaded);
  });

  test('a refresh gives a new pair, and a successor can be refreshed again', async () => {
    const { core, clock, pair } = await signedIn();
    clock.advanceSeconds(60);
    const second = await core.sessions.refresh(pair);
    clock.advanceSeconds(60);
    const third = await core.sessions.refresh(second);
    expect(new Set([pair, second, third].map((one) => one.refreshToken)).size).toBe(3);
    expect(claimsOf(third.accessToken)['sid']).toBe(claimsOf(pair.accessToken)['sid']);
  });

  test('fifty refreshes of one token at once all get one and the same successor', async () => {
    const { core, pair } = await signedIn();
    const pairs = await Promise.all(Array.from({ length: 50 }, () => core.sessions.refresh(pair)));
    expect(new Set(pairs.map((one) => one.refreshToken)).size).toBe(1);
    await core.sessions.refresh(pairs[0] as TokenPair);
  });

  test('a refresh token used again within 30 seconds gets the same successor, and after that ends the family', async () => {
    const { core, clock, pair } = await signedIn();
    const successor = await core.sessions.refresh(pair);
    clock.advanceSeconds(REFRESH_GRACE_SECONDS);
    expect((await core.sessions.refresh(pair)).refreshToken).toBe(successor.refreshToken);
    clock.advanceSeconds(1);
    await expect(core.sessions.refresh(pair)).rejects.toThrow(InvalidRefreshToken);
    await expect(core.sessions.refresh(successor)).rejects.toThrow(InvalidRefreshToken);
    expect(isRevoked(core, successor)).toBe(true);
  });

  test('a grandparent used again ends the family at once', async () => {
    const { core, pair } = await signedIn();
    const second = await core.sessions.refresh(pair);
    const third = await core.sessions.refresh(second);
    await expect(core.sessions.refresh(pair)).rejects.toThrow(InvalidRefreshToken);
    await expect(core.sessions.refresh(third)).rejects.toThrow(InvalidRefreshToken);
  });

  test('fifty refreshes of one token through two processes all get one and the same successor', async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    const other = await openCore({ databaseUrl, secretKey: new Secret(TEST_SECRET), clock });
    onTestFinished(() => other.close());
    const pair = await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    const pairs = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => (n % 2 ? core : other).sessions.refresh(pair)),
    );
    expect(new Set(pairs.map((one) => one.refreshToken)).size).toBe(1);
    await other.sessions.refresh(pairs[0] as TokenPair);
  });

  test('a session that is not used ends after 30 days, not a second before', async () => {
    const { core, clock, pair } = await signedIn();
    clock.advanceSeconds(30 * DAY_SECONDS - 1);
    const next = await core.sessions.refresh(pair);
    clock.advanceSeconds(30 * DAY_SECONDS);
    await expect(core.sessions.refresh(next)).rejects.toThrow(InvalidRefreshToken);
  });

  test('a session ends 90 days after sign-in however often it is used, not a second before', async () => {
    const { core, clock, pair } = await signedIn();
    const usedDaily = async (from: TokenPair, days: number): Promise<TokenPair> => {
      let last = from;
      for (let day = 0; day < days; day++) {
        clock.advanceSeconds(DAY_SECONDS);
        last = await core.sessions.refresh(last);
      }
      return last;
    };
    const late = await usedDaily(pair, 89);
    clock.advanceSeconds(DAY_SECONDS - 1);
    const last = await core.sessions.refresh(late);
    clock.advanceSeconds(1);
    await expect(core.sessions.refresh(last)).rejects.toThrow(InvalidRefreshToken);
  });

  test.each([3_600, -3_600])(
    'a clock that is set %i seconds off, and back, gives neither an ended session nor a used token back',
    async (seconds) => {
      const { core, clock, pair } = await signedIn();
      const [left, used] = await Promise.all(
        [1, 2].map(async () => core.sessions.login({ email: 'ada@example.org', password: PASSWORD })),
      );
      if (left === undefined || used === undefined) throw new Error('not signed in');
      await core.sessions.logout({ sessionId: String(claimsOf(left.accessToken)['sid']) });
      await core.sessions.refresh(await core.sessions.refresh(used));
      for (const jump of [seconds, -seconds]) {
        clock.jumpSeconds(jump);
        await expect(core.sessions.refresh(left)).rejects.toThrow(InvalidRefreshToken);
        await expect(core.sessions.refresh(used)).rejects.toThrow(InvalidRefreshToken);
        expect(isRevoked(core, left)).toBe(true);
      }
      await core.sessions.refresh(pair);
      clock.jumpSeconds(seconds);
      await expect(core.sessions.refresh(pair)).rejects.toThrow(InvalidRefreshToken);
    },
  );

  test.each(['', 'x', 'x'.repeat(10_000), "' or 1=1 --"])('%j is no refresh token', async (refreshToken) => {
    const { core } = await signedIn();
    await expect(core.sessions.refresh({ refreshToken })).rejects.toThrow(InvalidRefreshToken);
  });

  test('after a sign-out neither token of the session works, and other sessions go on', async () => {
    const { core, pair } = await signedIn();
    const other = await core.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    await core.sessions.logout({ sessionId: String(claimsOf(pair.accessToken)['sid']) });
    await expect(core.sessions.refresh(pair)).rejects.toThrow(InvalidRefreshToken);
    expect(isRevoked(core, pair)).toBe(true);
    expect(isRevoked(core, other)).toBe(false);
    await core.sessions.refresh(other);
  });

  test('a sign-out everywhere ends all sessions of this user and no others', async () => {
    const { core, user, pair } = await signedIn();
    const second = await core.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    const admin = await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    await core.sessions.logoutAll({ userId: user.id });
    expect([pair, second, admin].map((one) => isRevoked(core, one))).toEqual([true, true, false]);
  });

  test('a change of roles makes older access tokens worthless and a refreshed one right, within the same second', async () => {
    const { core, user, pair } = await signedIn();
    await core.users.setRoles({ id: user.id, roles: ['admin'] });
    expect(isRevoked(core, pair)).toBe(true);
    const fresh = await core.sessions.refresh(pair);
    expect(isRevoked(core, fresh)).toBe(false);
    expect(claimsOf(fresh.accessToken)['roles']).toEqual(['admin']);
  });

  test('a refresh that races a change of roles gives no token that outlives the change', async () => {
    const { core, user, pair } = await signedIn();
    const read = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const held = core.as({
      beforeCommit: async () => {
        read.resolve();
        await goOn.promise;
      },
    });
    const refreshed = held.sessions.refresh(pair);
    await read.promise;
    const changed = core.users.setRoles({ id: user.id, roles: ['admin'] });
    goOn.resolve();
    const [stale] = await Promise.all([refreshed, changed]);
    expect(claimsOf(stale.accessToken)['roles']).toEqual(['user']);
    expect(isRevoked(core, stale)).toBe(true);
  });

  test('roles given and taken within one second leave no token with them', async () => {
    const { core, user, pair } = await signedIn();
    await core.users.setRoles({ id: user.id, roles: ['admin'] });
    const asAdmin = await core.sessions.refresh(pair);
    expect(claimsOf(asAdmin.accessToken)['roles']).toEqual(['admin']);
    expect(isRevoked(core, asAdmin)).toBe(false);
    await core.users.setRoles({ id: user.id, roles: ['user'] });
    expect(isRevoked(core, asAdmin)).toBe(true);
    expect(isRevoked(core, await core.sessions.refresh(asAdmin))).toBe(false);
  });

  test('a sign-in through a process that has not heard of a revocation yet is not taken for an older one', async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const other = await openCore({ databaseUrl, secretKey: new Secret(TEST_SECRET), clock });
    try {
      await core.users.setRoles({ id: user.id, roles: ['admin'] });
      const pair = await other.sessions.login({ email: user.email, password: PASSWORD });
      expect(isRevoked(core, pair)).toBe(false);
    } finally {
      await other.close();
    }
  });

  test('a revocation outlives the tokens it speaks of, whatever the lifetime is where it was made', async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl, { settings: { accessTokenTtlSeconds: 3_600 } });
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const pair = await core.sessions.login({ email: user.email, password: PASSWORD });
    const script = await openCore({ databaseUrl, secretKey: new Secret(TEST_SECRET), clock });
    try {
      await script.users.deactivate({ id: user.id });
      clock.advanceSeconds(3_000);
      const late = await openCore({ databaseUrl, secretKey: new Secret(TEST_SECRET), clock });
      expect(isRevoked(late, pair)).toBe(true);
      await late.close();
    } finally {
      await script.close();
    }
  });

  test('a revocation reaches other processes at their next look, and is forgotten when its tokens have expired', async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const pair = await core.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    const other = await openCore({
      databaseUrl,
      secretKey: new Secret(TEST_SECRET),
      clock,
      elapsedMs: clock.elapsedMs,
      watchMs: 10,
    });
    try {
      await core.sessions.logout({ sessionId: String(claimsOf(pair.accessToken)['sid']) });
      await expect.poll(() => isRevoked(other, pair)).toBe(true);
      clock.advanceSeconds(961);
      await expect.poll(() => isRevoked(other, pair)).toBe(false);
    } finally {
      await other.close();
    }
  });

  test('neither passwords nor tokens nor private keys stand in the database in clear', async () => {
    const databaseUrl = await url();
    const { core } = await openTestCore(databaseUrl);
    await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const pair = await core.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    const second = await core.sessions.refresh(pair);
    await core.sessions.login({ email: 'nobody@example.org', password: PASSWORD }).catch(() => undefined);
    const database = await openDatabase(databaseUrl);
    try {
      const dump = await Promise.all(entities.map((entity) => database.read(`select * from ${entity.meta.tableName}`)));
      const text = JSON.stringify(dump);
      expect(text).toContain('ada@example.org');
      for (const secret of [
        PASSWORD,
        pair.refreshToken,
        second.refreshToken,
        pair.accessToken,
        'nobody@example.org',
        'PRIVATE KEY',
      ]) {
        expect(text).not.toContain(secret);
      }
    } finally {
      await database.close();
    }
  });
});
