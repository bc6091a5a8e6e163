import { expect, test } from 'vitest';

import { openTestCore } from '../test/core.ts';
import { describeOnEachDatabase } from '../test/databases.ts';
import { LedgerClosing } from './index.ts';

describeOnEachDatabase('a core', ({ url }) => {
  test('is closed once, however often it is told, and every caller waits for it', async () => {
    const { core } = await openTestCore(await url());
    const { id: userId } = await core.users.create({ email: 'ada@example.org' });
    const posted = core.credits.purchase({ userId, amount: 5 });
    await Promise.all([core.close(), core.as({ actor: 'user:1' }).close(), core[Symbol.asyncDispose]()]);
    expect(await posted).toMatchObject({ balanceAfter: 5 });
    await expect(core.credits.purchase({ userId, amount: 5 })).rejects.toThrow(LedgerClosing);
  });
});
