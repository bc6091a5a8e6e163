import { expect, test } from 'vitest';

import { openTestCore } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { KeyReused, StillInFlight, type KeyedRequest, type StoredAnswer } from '../index.ts';

describeOnEachDatabase('idempotency', ({ url }) => {
  const request: KeyedRequest = {
    caller: 'user:1',
    method: 'POST',
    route: '/api/users',
    key: 'k1',
    body: '{"email":"ada@example.org"}',
  };
  const render = (result: unknown): StoredAnswer => ({
    status: 201,
    headers: { location: '/x' },
    body: JSON.stringify(result),
  });

  test('an answer is stored together with its effect, and found again byte for byte', async () => {
    const { core } = await openTestCore(await url());
    expect(await core.idempotency.find(request)).toBeUndefined();
    const user = await core
      .as({ beforeCommit: core.idempotency.storing(request, render) })
      .users.create({ email: 'ada@example.org' });
    expect(await core.idempotency.find(request)).toEqual(render(user));
  });

  test('when the answer cannot be stored there is no effect', async () => {
    const { core } = await openTestCore(await url());
    const keyed = core.as({ beforeCommit: core.idempotency.storing(request, render) });
    await keyed.users.create({ email: 'ada@example.org' });
    await expect(keyed.users.create({ email: 'grace@example.org' })).rejects.toThrow(StillInFlight);
    expect((await core.users.list({ search: 'grace' })).total).toBe(0);
  });

  test('twenty at once with one key make one effect', async () => {
    const { core } = await openTestCore(await url());
    const keyed = core.as({ beforeCommit: core.idempotency.storing(request, render) });
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => keyed.users.create({ email: `u${index}@example.org` })),
    );
    expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect((await core.users.list({ role: 'user' })).total).toBe(1);
  });

  test('the same key with another body is refused; of another caller, method or route it is another key', async () => {
    const { core } = await openTestCore(await url());
    await core
      .as({ beforeCommit: core.idempotency.storing(request, render) })
      .users.create({ email: 'ada@example.org' });
    await expect(core.idempotency.find({ ...request, body: '{}' })).rejects.toThrow(KeyReused);
    for (const other of [{ caller: 'user:2' }, { method: 'PUT' }, { route: '/api/roles' }, { key: 'k2' }]) {
      expect(await core.idempotency.find({ ...request, ...other })).toBeUndefined();
    }
  });

  test('an answer is kept for 24 hours, and then the key is free', async () => {
    const { core, clock } = await openTestCore(await url());
    const keyed = core.as({ beforeCommit: core.idempotency.storing(request, render) });
    await keyed.users.create({ email: 'ada@example.org' });
    clock.advanceSeconds(24 * 60 * 60 - 1);
    expect(await core.idempotency.find(request)).toBeDefined();
    clock.advanceSeconds(1);
    expect(await core.idempotency.find(request)).toBeUndefined();
    const user = await keyed.users.create({ email: 'grace@example.org' });
    expect(await core.idempotency.find(request)).toEqual(render(user));
  });

  test('a refusal is kept too, and never in place of an answer that is there', async () => {
    const { core } = await openTestCore(await url());
    const refusal = { status: 402, headers: {}, body: '{"code":"credits.insufficient"}' };
    await core.idempotency.storeRefusal(request, refusal);
    const another = core.idempotency.storeRefusal(request, { ...refusal, body: 'another' });
    await expect(another).rejects.toThrow(StillInFlight);
    expect(await core.idempotency.find(request)).toEqual(refusal);
  });
});
