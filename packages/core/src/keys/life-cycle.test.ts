import { expect, onTestFinished, test } from 'vitest';

import { claimsOf, openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { TEST_SECRET, type TestClock } from '../../test/scope.ts';
import { openDatabase } from '../database/index.ts';
import {
  KeyMissing,
  openCore,
  PUBLISHED_AHEAD_SECONDS,
  Secret,
  SecretKeyWrong,
  type Core,
  type OpenCoreOptions,
} from '../index.ts';

const OTHER_SECRET = 'another-secret-key-that-is-long-enough-02';
const TTL_AND_TOLERANCE_SECONDS = 900 + 60;
const DAY_SECONDS = 24 * 3600;

describeOnEachDatabase('signing keys', ({ url }) => {
  const open = async (options: Partial<OpenCoreOptions> = {}) => {
    const databaseUrl = await url();
    return { databaseUrl, ...(await openTestCore(databaseUrl, options)) };
  };
  /** Another process on the same database. */
  const another = async (databaseUrl: string, clock: TestClock, options: Partial<OpenCoreOptions> = {}) => {
    const core = await openCore({
      databaseUrl,
      secretKey: new Secret(TEST_SECRET),
      clock,
      elapsedMs: clock.elapsedMs,
      ...options,
      settings: { argon2MemoryKib: 1024, argon2Passes: 1, signingAlgorithm: 'ES256', ...options.settings },
    });
    onTestFinished(() => core.close());
    return core;
  };
  const states = async (core: Core): Promise<string[]> => (await core.keys.list()).map(({ state }) => state);
  const published = (core: Core): string[] => core.keys.jwks().keys.map(({ kid }) => kid);
  const headerOf = (token: string): { kid: string; alg: string } =>
    JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string; alg: string };
  const signer = async (core: Core): Promise<string> =>
    headerOf((await core.sessions.login({ email: 'admin@example.org', password: PASSWORD })).accessToken).kid;

  test('the first key signs at once', async () => {
    const { core, clock } = await open();
    const [key] = await core.keys.list();
    expect(key).toEqual({
      kid: published(core)[0],
      algorithm: 'ES256',
      state: 'active',
      createdAt: clock(),
      activeFrom: clock(),
      retiringFrom: null,
      goneFrom: null,
    });
  });

  test('a rotation publishes the next key, which signs after twice the max-age of the key set and not a second before', async () => {
    const { core, clock } = await open();
    const first = await signer(core);
    const { key, withdrawn, effect } = await core.keys.rotate();
    expect([key.state, withdrawn]).toEqual(['next', null]);
    expect(effect).toContain(key.activeFrom.toISOString());
    expect(published(core).toSorted()).toEqual([first, key.kid].toSorted());
    clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS - 1);
    expect(await signer(core)).toBe(first);
    clock.advanceSeconds(1);
    expect(await signer(core)).toBe(key.kid);
  });

  test('every process changes to the next key at the same moment, also one that cannot ask and before it is written down', async () => {
    const { databaseUrl, core, clock } = await open();
    const other = await another(databaseUrl, clock);
    const { key } = await core.keys.rotate();
    await other.keys.advance();
    clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS);
    expect(await states(core)).toEqual(['next', 'active']);
    expect([await signer(core), await signer(other)]).toEqual([key.kid, key.kid]);
  });

  test('a key that retired stays published until the last token it signed has expired, and its private part is erased', async () => {
    const { databaseUrl, core, clock } = await open();
    const first = await signer(core);
    await core.keys.rotate();
    clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS);
    await core.keys.advance();
    expect(await states(core)).toEqual(['active', 'retiring']);
    clock.advanceSeconds(TTL_AND_TOLERANCE_SECONDS - 1);
    await core.keys.advance();
    expect(published(core)).toContain(first);
    clock.advanceSeconds(1);
    await core.keys.advance();
    expect(await states(core)).toEqual(['active', 'gone']);
    expect(published(core)).not.toContain(first);
    const database = await openDatabase(databaseUrl);
    const rows = await database.read('select sealed_private_key from signing_key where kid = ?', [first]);
    await database.close();
    expect(rows).toEqual([{ sealed_private_key: '' }]);
  });

  test('whoever steps late finds the same times', async () => {
    const { core, clock } = await open();
    const [first] = published(core);
    const { key } = await core.keys.rotate();
    clock.advanceSeconds(5_000);
    await core.keys.advance();
    const goneFrom = new Date(key.activeFrom.getTime() + TTL_AND_TOLERANCE_SECONDS * 1000);
    expect((await core.keys.list()).find(({ kid }) => kid === first)).toMatchObject({
      retiringFrom: key.activeFrom,
      goneFrom,
    });
  });

  test('a key that signed for the configured time gets a successor, and only one', async () => {
    const { databaseUrl, core, clock } = await open({ settings: { keyRotationSeconds: DAY_SECONDS } });
    const processes = [core, await another(databaseUrl, clock, { settings: { keyRotationSeconds: DAY_SECONDS } })];
    clock.advanceSeconds(DAY_SECONDS - 1);
    await Promise.all(processes.map((process) => process.keys.advance()));
    expect(await states(core)).toEqual(['active']);
    clock.advanceSeconds(1);
    await Promise.all([...processes, ...processes].map((process) => process.keys.advance()));
    expect(await states(core)).toEqual(['next', 'active']);
  });

  test('ten rotations at once, by two processes, make one key', async () => {
    const { databaseUrl, core, clock } = await open();
    const other = await another(databaseUrl, clock);
    const made = await Promise.all(Array.from({ length: 10 }, async (_, n) => (n % 2 ? core : other).keys.rotate()));
    expect(new Set(made.map(({ key }) => key.kid)).size).toBe(1);
    expect(await states(core)).toEqual(['next', 'active']);
  });

  test('a compromised key is withdrawn at once, here and elsewhere, and another signs', async () => {
    const { databaseUrl, core, clock } = await open();
    const other = await another(databaseUrl, clock, { watchMs: 5 });
    const first = await signer(core);
    const { key, withdrawn, effect } = await core.keys.rotate({ emergency: true });
    expect([withdrawn?.kid, withdrawn?.state, key.state]).toEqual([first, 'gone', 'active']);
    expect(effect).toMatch(/is refused here from now on, and by verifiers .* within 5 minutes/);
    expect(published(core)).toEqual([key.kid]);
    await expect.poll(() => published(other)).toEqual([key.kid]);
    expect([await signer(core), await signer(other)]).toEqual([key.kid, key.kid]);
  });

  test('in an emergency the key that waits takes over, and one that is named is withdrawn', async () => {
    const { core } = await open();
    const { key: next } = await core.keys.rotate();
    const { withdrawn, key } = await core.keys.rotate({ emergency: true });
    expect([key.kid, await signer(core)]).toEqual([next.kid, next.kid]);
    const { key: waiting } = await core.keys.rotate();
    const second = await core.keys.rotate({ emergency: true, kid: waiting.kid });
    expect([second.withdrawn?.kid, second.key.state, await signer(core)]).toEqual([waiting.kid, 'next', next.kid]);
    await expect(core.keys.rotate({ emergency: true, kid: withdrawn?.kid })).rejects.toThrow(KeyMissing);
    await expect(core.keys.rotate({ emergency: true, kid: "' or 1=1" })).rejects.toThrow(KeyMissing);
  });

  test.each([3_600, -3_600])(
    'a clock that is set %i seconds off, and back, brings no old key back',
    async (seconds) => {
      const { core, clock } = await open();
      const first = await signer(core);
      const { key } = await core.keys.rotate();
      clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS);
      expect(await signer(core)).toBe(key.kid);
      clock.jumpSeconds(seconds);
      await core.keys.advance();
      expect(await signer(core)).toBe(key.kid);
      clock.jumpSeconds(-seconds);
      await core.keys.advance();
      expect(await signer(core)).toBe(key.kid);
      clock.advanceSeconds(TTL_AND_TOLERANCE_SECONDS);
      await core.keys.advance();
      clock.jumpSeconds(-3_600);
      await core.keys.advance();
      expect(published(core)).not.toContain(first);
    },
  );

  test('another algorithm is changed to like another key', async () => {
    const { databaseUrl, core, clock } = await open();
    const admin = { adminEmail: 'admin@example.org' };
    const changed = await another(databaseUrl, clock, { settings: { signingAlgorithm: 'PS256' } });
    await changed.setup(admin);
    await changed.setup(admin);
    expect(changed.keys.jwks().keys.map(({ alg }) => alg)).toEqual(['ES256', 'PS256']);
    const changedAgain = await another(databaseUrl, clock, { settings: { signingAlgorithm: 'RS256' } });
    await changedAgain.setup(admin);
    expect(changedAgain.keys.jwks().keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    await core.keys.advance();
    clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS);
    const { accessToken } = await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    expect(headerOf(accessToken).alg).toBe('RS256');
  });

  test('another SECRET_KEY does not open the database, and says so', async () => {
    const { databaseUrl, clock } = await open();
    await expect(another(databaseUrl, clock, { secretKey: new Secret(OTHER_SECRET) })).rejects.toThrow(SecretKeyWrong);
  });

  test('with the previous SECRET_KEY beside a new one keys are sealed anew, and the new one suffices from then on', async () => {
    const { databaseUrl, core, clock } = await open();
    await core.keys.rotate();
    const both = { secretKey: new Secret(OTHER_SECRET), secretKeyPrevious: new Secret(TEST_SECRET) };
    const [changing] = await Promise.all([another(databaseUrl, clock, both), another(databaseUrl, clock, both)]);
    expect(await signer(changing)).toBe(await signer(core));
    const after = await another(databaseUrl, clock, { secretKey: new Secret(OTHER_SECRET) });
    expect(await signer(after)).toBe(await signer(core));
    await expect(another(databaseUrl, clock)).rejects.toThrow(SecretKeyWrong);
    const database = await openDatabase(databaseUrl);
    const rows = await database.read(`select actor from audit_entry where action = 'key.resealed'`);
    await database.close();
    expect(rows).toEqual([{ actor: 'system' }, { actor: 'system' }]);
  });

  test('a refresh whose answer was lost is repeated across a change of SECRET_KEY, with the same successor', async () => {
    const { databaseUrl, core, clock } = await open();
    const pair = await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    const lost = await core.sessions.refresh(pair);
    const both = { secretKey: new Secret(OTHER_SECRET), secretKeyPrevious: new Secret(TEST_SECRET) };
    const changed = await another(databaseUrl, clock, both);
    expect((await changed.sessions.refresh(pair)).refreshToken).toBe(lost.refreshToken);
    const next = await changed.sessions.refresh(lost);
    expect(claimsOf(next.accessToken)['sid']).toBe(claimsOf(pair.accessToken)['sid']);
  });

  test('every change of a key leaves an audit row and an event, and neither holds a private part', async () => {
    const { databaseUrl, core, clock } = await open();
    await core.as({ actor: 'user:1' }).keys.rotate();
    clock.advanceSeconds(PUBLISHED_AHEAD_SECONDS);
    await core.keys.advance();
    clock.advanceSeconds(TTL_AND_TOLERANCE_SECONDS);
    await core.keys.advance();
    await core.keys.rotate({ emergency: true });
    const database = await openDatabase(databaseUrl);
    const acts = await database.read<{ action: string; actor: string }>(
      `select action, actor from audit_entry where action like 'key.%' order by id`,
    );
    const events = await database.read(`select type, payload from outbox_event where type like 'key.%' order by id`);
    await database.close();
    expect(acts.map(({ action }) => action)).toEqual([
      'key.created',
      'key.created',
      'key.retired',
      'key.activated',
      'key.gone',
      'key.withdrawn',
      'key.created',
    ]);
    expect(acts[1]?.actor).toBe('user:1');
    expect(events).toHaveLength(acts.length);
    expect(JSON.stringify(events)).not.toMatch(/PRIVATE|sealed|"d"/);
  });
});
