import { expect, test } from 'vitest';

import { claimsOf, openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { openDatabase } from '../database/index.ts';
import {
  InvalidCredentials,
  InvalidInput,
  InvalidRefreshToken,
  SessionMissing,
  UserMissing,
  WrongPassword,
  WrongStatus,
  type Core,
  type TokenPair,
} from '../index.ts';

const NOBODY = '01900000-0000-7000-8000-000000000000';
const NEW_PASSWORD = 'another battery staple';
const DAY_SECONDS = 24 * 3600;

describeOnEachDatabase('the sessions of a user', ({ url }) => {
  const open = async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    const { id: userId, email } = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const signIn = async (device = '', address = ''): Promise<TokenPair> =>
      core.as({ device, address }).sessions.login({ email, password: PASSWORD });
    return { databaseUrl, core, clock, userId, email, signIn };
  };
  const sidOf = ({ accessToken }: TokenPair): string => String(claimsOf(accessToken)['sid']);
  const isRevoked = (core: Core, { accessToken }: TokenPair): boolean => {
    const { sub, sid, iat } = claimsOf(accessToken);
    return core.sessions.isRevoked({ subject: String(sub), sessionId: String(sid), issuedAt: Number(iat) });
  };

  test('show where each began, when it was last used, and which one asks', async () => {
    const { core, clock, userId, signIn } = await open();
    const began = clock();
    const phone = await signIn('Phone', '192.0.2.1');
    clock.advanceSeconds(60);
    const laptop = await signIn('Laptop', '2001:db8::1');
    clock.advanceSeconds(60);
    await core.sessions.refresh(phone);
    const { data, nextCursor } = await core.as({ sessionId: sidOf(phone) }).sessions.list({ userId });
    expect(nextCursor).toBe(null);
    expect(data.map(({ id, current }) => [id, current])).toEqual([
      [sidOf(laptop), false],
      [sidOf(phone), true],
    ]);
    expect(data[1]).toEqual({
      id: sidOf(phone),
      clientId: 'users-service',
      device: 'Phone',
      address: '192.0.2.1',
      createdAt: began,
      lastUsedAt: clock(),
      expiresAt: new Date(clock().getTime() + 30 * DAY_SECONDS * 1000),
      endedAt: null,
      endReason: null,
      current: true,
    });
  });

  test('show how each ended, also by itself', async () => {
    const { core, clock, userId, signIn } = await open();
    const [left, revoked, idle] = [await signIn(), await signIn(), await signIn()];
    await core.sessions.logout({ sessionId: sidOf(left) });
    await core.sessions.revoke({ userId, sessionId: sidOf(revoked) });
    clock.advanceSeconds(30 * DAY_SECONDS - 1);
    const active = async (wanted: boolean): Promise<unknown[]> =>
      (await core.sessions.list({ userId, active: wanted })).data.map(({ id, endReason }) => [id, endReason]);
    expect(await active(true)).toEqual([[sidOf(idle), null]]);
    clock.advanceSeconds(1);
    expect(await active(true)).toEqual([]);
    expect(await active(false)).toEqual([
      [sidOf(idle), 'expired'],
      [sidOf(revoked), 'revoked'],
      [sidOf(left), 'logout'],
    ]);
    const [last] = (await core.sessions.list({ userId })).data;
    expect(last).toMatchObject({ endedAt: clock(), expiresAt: clock() });
  });

  test('come in stretches that a new session does not move', async () => {
    const { core, clock, userId, signIn } = await open();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      clock.advanceSeconds(1);
      ids.unshift(sidOf(await signIn()));
    }
    const first = await core.sessions.list({ userId, limit: 2 });
    await signIn();
    const second = await core.sessions.list({ userId, limit: 2, cursor: first.nextCursor ?? '' });
    const third = await core.sessions.list({ userId, limit: 2, cursor: second.nextCursor ?? '' });
    expect([first, second, third].map(({ data }) => data.map(({ id }) => id))).toEqual([
      ids.slice(0, 2),
      ids.slice(2, 4),
      ids.slice(4),
    ]);
    expect(third.nextCursor).toBe(null);
  });

  test.each([{ userId: 'x' }, { cursor: 'x' }, { cursor: "' or 1=1" }, { limit: 0 }, { limit: 101 }])(
    '%j is refused',
    async (filter) => {
      const { core, userId } = await open();
      await expect(core.sessions.list({ userId, ...filter })).rejects.toThrow(InvalidInput);
    },
  );

  test('of a user that does not exist are not an empty list', async () => {
    const { core } = await open();
    await expect(core.sessions.list({ userId: NOBODY })).rejects.toThrow(UserMissing);
    await expect(core.sessions.revokeAll({ userId: NOBODY })).rejects.toThrow(UserMissing);
  });

  test('end one by one, at once and only for their owner', async () => {
    const { core, userId, signIn } = await open();
    const stranger = await core.users.create({ email: 'eve@example.org' });
    const [one, other] = [await signIn(), await signIn()];
    const sessionId = sidOf(one);
    await expect(core.sessions.revoke({ userId: stranger.id, sessionId })).rejects.toThrow(SessionMissing);
    await expect(core.sessions.revoke({ userId, sessionId: NOBODY })).rejects.toThrow(SessionMissing);
    expect(isRevoked(core, one)).toBe(false);
    await core.sessions.revoke({ userId, sessionId });
    await core.sessions.revoke({ userId, sessionId });
    expect([isRevoked(core, one), isRevoked(core, other)]).toEqual([true, false]);
    await expect(core.sessions.refresh(one)).rejects.toThrow(InvalidRefreshToken);
    await core.sessions.refresh(other);
  });

  test('end all together', async () => {
    const { core, userId, signIn } = await open();
    const pairs = [await signIn(), await signIn()];
    await core.sessions.revokeAll({ userId });
    expect(pairs.map((pair) => isRevoked(core, pair))).toEqual([true, true]);
    expect((await core.sessions.list({ userId })).data.map(({ endReason }) => endReason)).toEqual([
      'revoked',
      'revoked',
    ]);
  });

  test('end with a change of the password, all but the one that changed it', async () => {
    const { core, userId, email, signIn } = await open();
    const [here, there] = [await signIn(), await signIn()];
    const change = { userId, currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await core.users.changePassword({ ...change, sessionId: sidOf(here) });
    expect([isRevoked(core, here), isRevoked(core, there)]).toEqual([false, true]);
    await core.sessions.refresh(here);
    await expect(core.sessions.refresh(there)).rejects.toThrow(InvalidRefreshToken);
    await expect(core.sessions.login({ email, password: PASSWORD })).rejects.toThrow(InvalidCredentials);
    await core.sessions.login({ email, password: NEW_PASSWORD });
  });

  test('a password is not changed without the current one, to a bad one, or for somebody who is out', async () => {
    const { core, userId, signIn } = await open();
    const here = await signIn();
    const change = { userId, currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await expect(core.users.changePassword({ ...change, currentPassword: 'wrong' })).rejects.toThrow(WrongPassword);
    await expect(core.users.changePassword({ ...change, newPassword: 'short' })).rejects.toThrow(InvalidInput);
    await expect(core.users.changePassword({ ...change, userId: NOBODY })).rejects.toThrow(UserMissing);
    const { id } = await core.users.create({ email: 'sso@example.org' });
    await expect(core.users.changePassword({ ...change, userId: id })).rejects.toThrow(WrongPassword);
    expect(isRevoked(core, here)).toBe(false);
    await core.users.deactivate({ id: userId });
    await expect(core.users.changePassword(change)).rejects.toThrow(WrongStatus);
  });

  test('of two changes of a password at once one is made', async () => {
    const { core, userId } = await open();
    const changes = await Promise.allSettled(
      ['first new password', 'second new password'].map(async (newPassword) =>
        core.users.changePassword({ userId, currentPassword: PASSWORD, newPassword }),
      ),
    );
    expect(changes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('every end leaves an audit row with who did it', async () => {
    const { databaseUrl, core, userId, signIn } = await open();
    const acting = core.as({ actor: 'user:admin', correlationId: 'c-1' });
    await acting.sessions.revoke({ userId, sessionId: sidOf(await signIn()) });
    await acting.sessions.revokeAll({ userId });
    const change = { userId, currentPassword: 'wrong', newPassword: NEW_PASSWORD };
    await acting.users.changePassword(change).catch(() => undefined);
    await acting.users.changePassword({ ...change, currentPassword: PASSWORD });
    const database = await openDatabase(databaseUrl);
    const rows = await database.read(`select action, actor from audit_entry where correlation_id = 'c-1' order by id`);
    await database.close();
    const actions = ['session.revoked', 'sessions.revoked', 'user.password_change_failed', 'user.password_changed'];
    expect(rows).toEqual(actions.map((action) => ({ action, actor: 'user:admin' })));
  });
});
