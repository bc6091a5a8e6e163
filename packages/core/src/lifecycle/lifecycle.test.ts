import { expect, test } from 'vitest';

import { openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { openDatabase } from '../database/index.ts';
import {
  EmailTaken,
  InvalidCredentials,
  InvalidInput,
  InvalidRefreshToken,
  LastAdmin,
  openCore,
  RoleUnknown,
  Secret,
  UserMissing,
  WrongStatus,
} from '../index.ts';
import { TEST_SECRET } from '../../test/scope.ts';

describeOnEachDatabase('users', ({ url }) => {
  const open = async () => openTestCore(await url());

  test('a new user is active, has the role user, and no credits', async () => {
    const { core, clock } = await open();
    const user = await core.users.create({ email: ' Ada@Example.org ', name: 'Ada', profile: { year: 2 } });
    expect(user).toMatchObject({
      email: 'Ada@Example.org',
      emailVerified: false,
      name: 'Ada',
      type: null,
      profile: { year: 2 },
      roles: ['user'],
      status: 'active',
      credits: 0,
      lastLoginAt: null,
      createdAt: clock(),
    });
    expect(await core.users.get({ id: user.id })).toEqual(user);
  });

  test.each(['ada@example.org', 'ADA@EXAMPLE.ORG', '  ada@example.org ', 'ａｄａ@example.org'])(
    '%j is the same address as ada@example.org',
    async (email) => {
      const { core } = await open();
      await core.users.create({ email: 'Ada@example.org' });
      await expect(core.users.create({ email })).rejects.toThrow(EmailTaken);
    },
  );

  test.each([
    '',
    'ada',
    'ada@',
    '@example.org',
    'a b@example.org',
    'ada@example.org\u0000',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b'.repeat(260)}`,
    'a@b@c',
    'a\u200bda@example.org',
    'a\u00adda@example.org',
    'a\u202eda@example.org',
    'a\ud800@example.org',
    '.ada@example.org',
    'a..da@example.org',
    'ada@-example.org',
    'ada@example..org',
  ])('%j is no address', async (email) => {
    const { core } = await open();
    await expect(core.users.create({ email })).rejects.toThrow(InvalidInput);
  });

  test('twenty at once with one address: one is made', async () => {
    const { core } = await open();
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, () => core.users.create({ email: 'ada@example.org' })),
    );
    const refused = made.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown);
    expect(refused).toHaveLength(19);
    expect(refused.every((reason) => reason instanceof EmailTaken)).toBe(true);
  });

  test('a change keeps what it does not name, and a new address is unverified', async () => {
    const { core, clock } = await open();
    const user = await core.users.create({ email: 'ada@example.org', name: 'Ada', emailVerified: true });
    clock.advanceSeconds(5);
    const changed = await core.users.update({ id: user.id, email: 'lovelace@example.org', type: 'staff' });
    expect(changed).toEqual({
      ...user,
      email: 'lovelace@example.org',
      emailVerified: false,
      type: 'staff',
      updatedAt: clock(),
    });
    await core.users.create({ email: 'grace@example.org' });
    await expect(core.users.update({ id: user.id, email: 'Grace@example.org' })).rejects.toThrow(EmailTaken);
    expect(await core.users.get({ id: user.id })).toEqual(changed);
  });

  test('a list is filtered, searched, sorted and counted', async () => {
    const { core, clock } = await open();
    for (const name of ['Ada', 'Grace', 'Edsger', '100%', 'under_score']) {
      clock.advanceSeconds(1);
      await core.users.create({
        email: `${name.replace('%', '')}@example.org`,
        name,
        type: name === 'Ada' ? 'staff' : 'student',
      });
    }
    const names = async (filter: object): Promise<string[]> =>
      (await core.users.list(filter)).data.map((user) => user.name);
    expect(await names({ search: 'gRa' })).toEqual(['Grace']);
    expect(await names({ search: '%' })).toEqual(['100%']);
    expect(await names({ search: '_' })).toEqual(['under_score']);
    expect(await names({ type: 'staff' })).toEqual(['Ada']);
    expect(await names({ role: 'admin' })).toEqual(['Admin']);
    expect(await names({ type: 'student', sort: 'name' })).toEqual(['100%', 'Edsger', 'Grace', 'under_score']);
    expect(await names({ type: 'student', sort: '-created_at', limit: 1, page: 2 })).toEqual(['100%']);
    expect(await names({ createdFrom: clock() })).toEqual(['under_score']);
    expect(await core.users.list({ limit: 2, page: 9 })).toEqual({ data: [], total: 6, page: 9, limit: 2 });
    await expect(core.users.list({ sort: 'password' })).rejects.toThrow(InvalidInput);
    await expect(core.users.list({ sort: 'constructor' })).rejects.toThrow(InvalidInput);
  });

  test('a search knows the capitals of every alphabet, and who never signed in comes last', async () => {
    const { core } = await open();
    await core.users.create({ email: 'x@example.org', name: 'Ärger Ωμέγα' });
    await core.sessions.login({ email: 'admin@example.org', password: PASSWORD });
    const names = async (filter: object): Promise<string[]> =>
      (await core.users.list(filter)).data.map((user) => user.name);
    expect(await names({ search: 'ÄRGER ωΜΈΓΑ' })).toEqual(['Ärger Ωμέγα']);
    expect(await names({ sort: 'last_login_at' })).toEqual(['Admin', 'Ärger Ωμέγα']);
    expect(await names({ sort: '-last_login_at' })).toEqual(['Admin', 'Ärger Ωμέγα']);
  });

  test('a deactivated user cannot sign in, refresh or spend until reactivated', async () => {
    const { core } = await open();
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    await core.credits.purchase({ userId: user.id, amount: 10 });
    const { refreshToken } = await core.sessions.login({ email: user.email, password: PASSWORD });
    const inactive = await core.users.deactivate({ id: user.id, reason: 'left' });
    expect(inactive).toMatchObject({ status: 'inactive', inactiveReason: 'left' });
    await expect(core.sessions.login({ email: user.email, password: PASSWORD })).rejects.toThrow(InvalidCredentials);
    await expect(core.sessions.refresh({ refreshToken })).rejects.toThrow(InvalidRefreshToken);
    await expect(core.credits.spend({ userId: user.id, amount: 1 })).rejects.toThrow(/frozen/i);
    await expect(core.users.deactivate({ id: user.id })).rejects.toThrow(WrongStatus);
    expect(await core.users.reactivate({ id: user.id })).toMatchObject({ status: 'active', inactiveReason: null });
    await core.sessions.login({ email: user.email, password: PASSWORD });
    await core.credits.spend({ userId: user.id, amount: 1 });
  });

  test('a deleted user is gone from lists and sign-in, and its address stays taken', async () => {
    const { core } = await open();
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    await core.users.remove({ id: user.id });
    expect(await core.users.get({ id: user.id })).toMatchObject({ status: 'deleted' });
    expect((await core.users.list({ search: 'ada' })).data).toEqual([]);
    expect((await core.users.list({ status: 'deleted' })).data).toHaveLength(1);
    await expect(core.sessions.login({ email: user.email, password: PASSWORD })).rejects.toThrow(InvalidCredentials);
    await expect(core.users.create({ email: user.email })).rejects.toThrow(EmailTaken);
    await expect(core.users.update({ id: user.id, name: 'x' })).rejects.toThrow(WrongStatus);
    await expect(core.users.remove({ id: user.id })).rejects.toThrow(WrongStatus);
  });

  test('the last active admin cannot be removed, deactivated or demoted, also not two at once', async () => {
    const { core } = await open();
    const [admin] = (await core.users.list({ role: 'admin' })).data;
    const id = admin?.id ?? '';
    await expect(core.users.deactivate({ id })).rejects.toThrow(LastAdmin);
    await expect(core.users.remove({ id })).rejects.toThrow(LastAdmin);
    await expect(core.users.setRoles({ id, roles: ['user'] })).rejects.toThrow(LastAdmin);
    const second = await core.users.create({ email: 'second@example.org', roles: ['admin'] });
    const both = await Promise.allSettled([
      core.users.deactivate({ id }),
      core.users.setRoles({ id: second.id, roles: [] }),
    ]);
    expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('roles that do not exist are refused, and unknown users are named as such', async () => {
    const { core } = await open();
    await expect(core.users.create({ email: 'ada@example.org', roles: ['wizard'] })).rejects.toThrow(RoleUnknown);
    expect((await core.users.list({ search: 'ada' })).total).toBe(0);
    const nobody = '01900000-0000-7000-8000-000000000000';
    await expect(core.users.get({ id: nobody })).rejects.toThrow(UserMissing);
    await expect(core.users.setRoles({ id: nobody, roles: ['user'] })).rejects.toThrow(UserMissing);
    await expect(core.users.get({ id: "' or 1=1" })).rejects.toThrow(InvalidInput);
  });
});

describeOnEachDatabase('audit', ({ url }) => {
  test('every change leaves who did it, from where and in which request, and nothing secret', async () => {
    const databaseUrl = await url();
    const { core } = await openTestCore(databaseUrl);
    const context = { actor: 'user:1', clientId: 'client', address: '192.0.2.1', correlationId: 'c-1' };
    const { id } = await core.as(context).users.create({ email: 'ada@example.org', password: PASSWORD });
    await core.as(context).users.setRoles({ id, roles: ['admin'] });
    await core.as(context).credits.purchase({ userId: id, amount: 5 });
    await core.as(context).users.deactivate({ id, reason: 'left' });
    const database = await openDatabase(databaseUrl);
    const rows = await database.read(
      `select action, target, actor, client_id, address, correlation_id from audit_trail where correlation_id = 'c-1' order by id`,
    );
    await database.close();
    const by = {
      actor: 'user:1',
      client_id: 'client',
      address: '192.0.2.1',
      correlation_id: 'c-1',
      target: `user:${id}`,
    };
    const actions = ['user.created', 'user.roles_set', 'credits.posted', 'user.deactivated'];
    expect(rows).toEqual(actions.map((action) => ({ ...by, action })));
  });
});

describeOnEachDatabase('setup', ({ url }) => {
  test('makes one admin, one key and the roles, however many processes start at once, and nothing the next time', async () => {
    const databaseUrl = await url();
    const options = {
      databaseUrl,
      secretKey: new Secret(TEST_SECRET),
      settings: { argon2MemoryKib: 1024, argon2Passes: 1 },
    };
    const cores = await Promise.all([openCore(options), openCore(options), openCore(options)]);
    try {
      const made = await Promise.all(cores.map((core) => core.setup({ adminEmail: 'admin@example.org' })));
      expect(made.filter((admin) => admin !== undefined)).toHaveLength(1);
      const [core] = cores;
      const admin = made.find((one) => one !== undefined);
      await core.sessions.login({ email: 'admin@example.org', password: admin?.generatedPassword?.reveal() ?? '' });
      expect(core.keys.jwks().keys).toHaveLength(1);
      expect(await core.setup({ adminEmail: 'other@example.org' })).toBeUndefined();
    } finally {
      await Promise.all(cores.map((core) => core.close()));
    }
  });
});
