import { createPublicKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { expect, test } from 'vitest';

import { openTestCore } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { TransactionMissing } from '../credits/index.ts';

describeOnEachDatabase('a receipt', ({ url }) => {
  test('is signed with a published key, says what the ledger says, and chains to the one before', async () => {
    const { core, clock } = await openTestCore(await url());
    const ada = await core.users.create({ email: 'ada@example.org' });
    const bob = await core.users.create({ email: 'bob@example.org' });
    const bought = await core.credits.purchase({ userId: ada.id, amount: 100 });
    const sent = await core.credits.transfer({ fromUserId: ada.id, toUserId: bob.id, amount: 30 });
    const [jwk] = core.keys.jwks().keys;
    const read = (token: string) =>
      jsonwebtoken.verify(token, createPublicKey({ key: jwk as never, format: 'jwk' }), {
        complete: true,
        algorithms: ['ES256'],
        clockTimestamp: Math.floor(clock().getTime() / 1000),
      });
    const first = read(await core.credits.receipt({ id: bought.id }));
    expect(first.header).toMatchObject({ typ: 'receipt+jwt', alg: 'ES256', kid: jwk?.kid });
    expect(first.payload).toMatchObject({
      iss: core.settings.issuer,
      sub: ada.id,
      receipt: {
        id: bought.id,
        seq: 1,
        type: 'purchase',
        unit: 'credit',
        amount: 100,
        balance_after: 100,
        prev_hash: '',
      },
    });
    const second = read(await core.credits.receipt({ id: sent.id }));
    const hashOf = ({ payload }: { payload: unknown }): unknown =>
      (payload as { receipt: { hash: string } }).receipt.hash;
    expect(second.payload).toMatchObject({
      sub: ada.id,
      receipt: { type: 'transfer_out', seq: 2, prev_hash: hashOf(first) },
    });
    expect(second.payload).not.toHaveProperty('exp');
    const bobs = read(await core.credits.receipt({ id: sent.id, userId: bob.id }));
    expect(bobs.payload).toMatchObject({ sub: bob.id, receipt: { type: 'transfer_in', amount: 30, seq: 1 } });
    await expect(core.credits.receipt({ id: bought.id, userId: bob.id })).rejects.toThrow(TransactionMissing);
  });
});
