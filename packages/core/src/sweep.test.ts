import { expect, test } from 'vitest';

import { openTestCore, PASSWORD } from '../test/core.ts';
import { describeOnEachDatabase } from '../test/databases.ts';

const DAY_SECONDS = 24 * 60 * 60;

describeOnEachDatabase('sweep', ({ url }) => {
  test('what has served its time is deleted, and nothing before', async () => {
    const { core, clock } = await openTestCore(await url());
    const request = { caller: 'user:1', method: 'POST', route: '/api/users', key: 'k', body: '{}' };
    await core.idempotency.storeRefusal(request, { status: 402, headers: {}, body: '{}' });
    const user = await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const live = await core.sessions.login({ email: user.email, password: PASSWORD });
    await core.sessions.logoutAll({ userId: user.id });
    expect(await core.sweep()).toBe(0);

    const other = await core.sessions.login({ email: user.email, password: PASSWORD });
    clock.advanceSeconds(2 * DAY_SECONDS);
    expect(await core.sweep()).toBe(2);
    expect(await core.sweep()).toBe(0);
    await expect(core.sessions.refresh(live)).rejects.toThrow('not valid');
    await expect(core.sessions.refresh(other)).resolves.toBeDefined();
  });
});
