import { beforeEach, expect, test } from 'vitest';

import { openTestCore } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { openDatabase } from '../database/index.ts';
import { InvalidInput } from '../kernel/errors.ts';
import type { OutgoingEvent } from './index.ts';

describeOnEachDatabase('the outbox', ({ url }) => {
  let databaseUrl: string;
  let opened: Awaited<ReturnType<typeof openTestCore>>;
  let userId: string;
  beforeEach(async () => {
    databaseUrl = await url();
    opened = await openTestCore(databaseUrl);
    userId = (await opened.core.users.create({ email: 'ada@example.org' })).id;
    await opened.core.outbox.deliver(async () => undefined);
  });

  test('an event that is not taken comes again, with the same id, and nothing after it is lost', async () => {
    const { core } = opened;
    await core.credits.purchase({ userId, amount: 5 });
    await core.credits.spend({ userId, amount: 2 });
    const seen: OutgoingEvent[] = [];
    const failing = core.outbox.deliver(async (event) => {
      seen.push(event);
      if (seen.length === 2) throw new Error('the broker is away');
    });
    await expect(failing).rejects.toThrow('the broker is away');
    const again: OutgoingEvent[] = [];
    expect(await core.outbox.deliver(async (event) => void again.push(event))).toBe(1);
    expect(seen.map(({ orderSeq }) => orderSeq)).toEqual([1, 2]);
    expect(again).toEqual(seen.slice(1));
    expect(await core.outbox.pending()).toEqual([]);
  });

  test('what was published is forgotten after a week, and not before', async () => {
    const { core, clock } = opened;
    await core.credits.purchase({ userId, amount: 5 });
    await core.outbox.deliver(async () => undefined);
    const database = await openDatabase(databaseUrl);
    const count = async (): Promise<number> => (await database.read('select 1 from outbox_event')).length;
    const before = await count();
    expect(before).toBeGreaterThan(0);
    await core.sweep();
    expect(await count()).toBe(before);
    clock.advanceSeconds(7 * 24 * 60 * 60);
    await core.sweep();
    expect(await count()).toBe(0);
    await database.close();
  });

  test.for([0, 101, 1.5])('refuses to read %d rows', async (limit) => {
    const { core } = opened;
    await expect(core.outbox.pending({ limit })).rejects.toThrow(InvalidInput);
    await expect(core.outbox.deliver(async () => undefined, { limit })).rejects.toThrow(InvalidInput);
  });
});
