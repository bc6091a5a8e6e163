import { createPublicKey, randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import jsonwebtoken from 'jsonwebtoken';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { claimsOf, openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { TEST_SECRET, type TestClock } from '../../test/scope.ts';
import { InvalidRefreshToken, openCore, Secret, type Core, type TokenPair } from '../index.ts';

interface Entry {
  sid?: string;
  sub?: string;
  not_before?: number;
  forget_after: number;
}

interface FeedDocument {
  iss: string;
  iat: number;
  exp: number;
  cursor: string;
  complete: boolean;
  since?: string;
  revocations: Entry[];
}

describeOnEachDatabase('the revocation feed', ({ name, url }) => {
  const open = async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const signIn = async (): Promise<TokenPair> => core.sessions.login({ email: user.email, password: PASSWORD });
    return { databaseUrl, core, clock, user, signIn };
  };
  /** Another process on the same database. */
  const another = async (databaseUrl: string, clock: TestClock, watchMs?: number): Promise<Core> => {
    const core = await openCore({
      databaseUrl,
      secretKey: new Secret(TEST_SECRET),
      clock,
      elapsedMs: clock.elapsedMs,
      watchMs,
    });
    onTestFinished(() => core.close());
    return core;
  };
  const read = async (core: Core, since?: string): Promise<FeedDocument> =>
    claimsOf((await core.sessions.revocationFeed({ since })).document()) as unknown as FeedDocument;
  const sidOf = ({ accessToken }: TokenPair): string => String(claimsOf(accessToken)['sid']);
  const sids = ({ revocations }: FeedDocument): (string | undefined)[] => revocations.map(({ sid }) => sid);
  const isRevoked = (core: Core, { accessToken }: TokenPair): boolean => {
    const { sub, sid, iat } = claimsOf(accessToken);
    return core.sessions.isRevoked({ subject: String(sub), sessionId: String(sid), issuedAt: Number(iat) });
  };

  test('is signed with a published key, as its own type, for one minute', async () => {
    const { core, clock } = await open();
    const jws = (await core.sessions.revocationFeed()).document();
    const [jwk] = core.keys.jwks().keys;
    const iat = Math.floor(clock().getTime() / 1000);
    const { header, payload } = jsonwebtoken.verify(jws, createPublicKey({ key: jwk ?? {}, format: 'jwk' }), {
      algorithms: ['ES256'],
      clockTimestamp: iat,
      complete: true,
    });
    expect(header).toEqual({ alg: 'ES256', typ: 'revocations+jwt', kid: jwk?.kid });
    expect(payload).toEqual({
      iss: core.settings.issuer,
      iat,
      exp: iat + 60,
      cursor: expect.stringMatching(/^\d+$/),
      complete: true,
      revocations: [],
    });
  });

  test.each<[string, (core: Core, id: string, pair: TokenPair) => Promise<unknown>]>([
    ['a sign-out', async (core, _, pair) => core.sessions.logout({ sessionId: sidOf(pair) })],
    ['a sign-out everywhere', async (core, userId) => core.sessions.logoutAll({ userId })],
    [
      'the revocation of a session',
      async (core, userId, pair) => core.sessions.revoke({ userId, sessionId: sidOf(pair) }),
    ],
    ['the revocation of all sessions', async (core, userId) => core.sessions.revokeAll({ userId })],
    [
      'a change of the password',
      async (core, userId) =>
        core.users.changePassword({ userId, currentPassword: PASSWORD, newPassword: 'another battery staple' }),
    ],
    ['a deactivation', async (core, id) => core.users.deactivate({ id })],
    ['a deletion', async (core, id) => core.users.remove({ id })],
    [
      'a refresh token used again',
      async (core, _, pair) => {
        await core.sessions.refresh(await core.sessions.refresh(pair));
        await expect(core.sessions.refresh(pair)).rejects.toThrow(InvalidRefreshToken);
      },
    ],
  ])('names the session after %s', async (_, act) => {
    const { core, clock, user, signIn } = await open();
    const pair = await signIn();
    await act(core, user.id, pair);
    expect((await read(core)).revocations).toEqual([
      { sid: sidOf(pair), forget_after: clock().getTime() / 1000 + 900 + 60 },
    ]);
  });

  test('names the user and the moment after a change of roles', async () => {
    const { core, clock, user } = await open();
    await core.users.setRoles({ id: user.id, roles: ['admin'] });
    const now = clock().getTime() / 1000;
    expect((await read(core)).revocations).toEqual([{ sub: user.id, not_before: now, forget_after: now + 960 }]);
  });

  test('a second revocation of a user reaches further and is sent again', async () => {
    const { core, clock, user } = await open();
    await core.users.setRoles({ id: user.id, roles: ['admin'] });
    const { cursor } = await read(core);
    clock.advanceSeconds(10);
    await core.users.setRoles({ id: user.id, roles: ['user'] });
    const { revocations } = await read(core, cursor);
    expect(revocations.map((entry) => entry.not_before)).toEqual([clock().getTime() / 1000]);
  });

  test('a cursor gets what came after it, from any process, and an ETag that all agree on', async () => {
    const { databaseUrl, core, clock, signIn } = await open();
    const other = await another(databaseUrl, clock, 5);
    const [first, second] = [await signIn(), await signIn()];
    await core.sessions.logout({ sessionId: sidOf(first) });
    const { cursor, complete } = await read(core);
    expect(complete).toBe(true);
    await core.sessions.logout({ sessionId: sidOf(second) });
    await expect.poll(async () => sids(await read(other))).toEqual([sidOf(first), sidOf(second)]);
    for (const process of [core, other]) {
      const delta = await read(process, cursor);
      expect([delta.complete, delta.since, sids(delta)]).toEqual([false, cursor, [sidOf(second)]]);
      expect((await read(process, delta.cursor)).revocations).toEqual([]);
    }
    const etags = await Promise.all(
      [undefined, cursor, '0'].flatMap((since) =>
        [core, other].map(async (process) => (await process.sessions.revocationFeed({ since })).etag),
      ),
    );
    expect(new Set(etags).size).toBe(1);
  });

  test.each(['', '0', '-1', '1e3', '99999999999999999999', '9007199254740991', "' or 1=1 --", 'x'.repeat(10_000)])(
    'the cursor %j, which nobody gave, gets everything',
    async (since) => {
      const { core, signIn } = await open();
      const pair = await signIn();
      await core.sessions.logout({ sessionId: sidOf(pair) });
      const document = await read(core, since);
      expect([document.complete, document.since, sids(document)]).toEqual([true, undefined, [sidOf(pair)]]);
    },
  );

  test('a list that was not read for ten seconds is read before it is served', async () => {
    const { databaseUrl, core, clock, signIn } = await open();
    const other = await another(databaseUrl, clock);
    const pair = await signIn();
    await core.sessions.logout({ sessionId: sidOf(pair) });
    clock.advanceSeconds(10);
    expect(sids(await read(other))).toEqual([]);
    clock.advanceSeconds(1);
    expect(sids(await read(other))).toEqual([sidOf(pair)]);
  });

  test('the ETag changes with every revocation and with nothing else', async () => {
    const { core, clock, signIn } = await open();
    const pair = await signIn();
    const etag = async (): Promise<string> => (await core.sessions.revocationFeed()).etag;
    const before = await etag();
    clock.advanceSeconds(3_600);
    await signIn();
    expect(await etag()).toBe(before);
    await core.sessions.logout({ sessionId: sidOf(pair) });
    expect(await etag()).not.toBe(before);
    await core.sessions.logout({ sessionId: sidOf(pair) });
  });

  test.runIf(name === 'postgresql')('a revocation that commits late lies behind no cursor given before', async () => {
    const { databaseUrl, core, clock, signIn } = await open();
    const slow = new pg.Client(databaseUrl);
    await slow.connect();
    const late = randomUUID();
    await slow.query('begin');
    await slow.query(
      `insert into revocation (id, kind, value, created_at, forget_at, position)
       values ($1, 'sid', $2, $3, $4, cast(cast(pg_current_xact_id() as text) as bigint))`,
      [late, late, clock(), new Date(clock().getTime() + 960_000)],
    );
    const pair = await signIn();
    await core.sessions.logout({ sessionId: sidOf(pair) });
    const early = await core.sessions.revocationFeed();
    const { cursor, revocations } = claimsOf(early.document()) as unknown as FeedDocument;
    expect(revocations.map(({ sid }) => sid)).toEqual([sidOf(pair)]);
    await slow.query('commit');
    await slow.end();
    await core.sessions.logout({ sessionId: sidOf(await signIn()) });
    expect(sids(await read(core, cursor))).toContain(late);
    expect((await core.sessions.revocationFeed()).etag).not.toBe(early.etag);
  });

  test('an entry is forgotten when the last token it speaks of has expired, not a second before', async () => {
    const { databaseUrl, core, clock, signIn } = await open();
    const other = await another(databaseUrl, clock, 5);
    const pair = await signIn();
    await core.sessions.logout({ sessionId: sidOf(pair) });
    await expect.poll(() => isRevoked(other, pair)).toBe(true);
    clock.advanceSeconds(959);
    const looked = await signIn();
    await core.sessions.logout({ sessionId: sidOf(looked) });
    await expect.poll(async () => sids(await read(other))).toEqual([sidOf(pair), sidOf(looked)]);
    clock.advanceSeconds(1);
    await expect.poll(async () => sids(await read(other))).toEqual([sidOf(looked)]);
    expect(isRevoked(other, pair)).toBe(false);
  });

  test.each([3_600, -3_600])('a clock that is set %i seconds off, and back, revives nothing', async (seconds) => {
    const { databaseUrl, core, clock, user, signIn } = await open();
    const other = await another(databaseUrl, clock, 5);
    const pair = await signIn();
    await core.sessions.logout({ sessionId: sidOf(pair) });
    await core.users.setRoles({ id: user.id, roles: [] });
    clock.jumpSeconds(seconds);
    const startedMeanwhile = await another(databaseUrl, clock, 5);
    const during = await signIn();
    await core.sessions.logout({ sessionId: sidOf(during) });
    await expect
      .poll(() => [other, startedMeanwhile].map((process) => isRevoked(process, during)))
      .toEqual([true, true]);
    clock.jumpSeconds(-seconds);
    for (const process of [core, other, startedMeanwhile]) {
      await expect.poll(() => isRevoked(process, pair)).toBe(true);
      await expect.poll(async () => sids(await read(process))).toContain(sidOf(pair));
      expect(isRevoked(process, during)).toBe(true);
    }
  });

  test.runIf(name === 'sqlite')(
    'a database restored from a copy, whose numbers begin again, is followed from the beginning',
    async () => {
      const { databaseUrl, core, clock, signIn } = await open();
      const other = await another(databaseUrl, clock, 5);
      for (let n = 0; n < 3; n++) await core.sessions.logout({ sessionId: sidOf(await signIn()) });
      await expect.poll(async () => (await read(other)).cursor).toBe('4');
      const raw = new DatabaseSync(databaseUrl.slice('sqlite:'.length));
      raw.exec('delete from revocation');
      raw.close();
      const pair = await signIn();
      await core.sessions.logout({ sessionId: sidOf(pair) });
      await expect.poll(() => isRevoked(other, pair)).toBe(true);
    },
  );
});
