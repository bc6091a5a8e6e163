import { expect, onTestFinished, test } from 'vitest';

import { claimsOf, openTestCore, PASSWORD } from '../../test/core.ts';
import { describeOnEachDatabase } from '../../test/databases.ts';
import { TEST_SECRET } from '../../test/scope.ts';
import { openDatabase } from '../database/index.ts';
import { InvalidInput, openCore, Secret, type Core, type TokenPair } from '../index.ts';

const TOKEN_ID = '019bc186-e1e8-7002-b13a-abad03c9131e';

describeOnEachDatabase('one access token', ({ url }) => {
  const signedIn = async () => {
    const databaseUrl = await url();
    const { core, clock } = await openTestCore(databaseUrl);
    await core.users.create({ email: 'ada@example.org', password: PASSWORD });
    const pair = await core.sessions.login({ email: 'ada@example.org', password: PASSWORD });
    return { databaseUrl, core, clock, pair };
  };
  const nameOf = ({ accessToken }: TokenPair) => {
    const { jti, exp } = claimsOf(accessToken);
    return { tokenId: String(jti), expiresAt: new Date(Number(exp) * 1000) };
  };
  const isRevoked = (core: Core, { accessToken }: TokenPair): boolean => {
    const { sub, sid, jti, iat } = claimsOf(accessToken);
    return core.sessions.isRevoked({
      subject: String(sub),
      sessionId: String(sid),
      tokenId: String(jti),
      issuedAt: Number(iat),
    });
  };

  test('is revoked alone: its session goes on with the next', async () => {
    const { core, pair } = await signedIn();
    await core.sessions.revokeToken(nameOf(pair));
    const next = await core.sessions.refresh(pair);
    expect([isRevoked(core, pair), isRevoked(core, next)]).toEqual([true, false]);
  });

  test('stands in the feed by its jti until it has expired, and is known to another process', async () => {
    const { databaseUrl, core, clock, pair } = await signedIn();
    const { tokenId } = nameOf(pair);
    await core.sessions.revokeToken({ tokenId });
    const feed = claimsOf((await core.sessions.revocationFeed()).document());
    const nowSeconds = Math.floor(clock().getTime() / 1000);
    expect(feed['revocations']).toEqual([{ jti: tokenId, forget_after: nowSeconds + 960 }]);

    const options = { databaseUrl, secretKey: new Secret(TEST_SECRET), clock, elapsedMs: clock.elapsedMs, watchMs: 10 };
    const other = await openCore(options);
    onTestFinished(() => other.close());
    expect(isRevoked(other, pair)).toBe(true);
    clock.advanceSeconds(961);
    await expect.poll(() => isRevoked(other, pair)).toBe(false);
  });

  test('is remembered for as long as it would have lived, whatever the lifetime is now', async () => {
    const { core, clock, pair } = await signedIn();
    const { tokenId } = nameOf(pair);
    const nowSeconds = Math.floor(clock().getTime() / 1000);
    await core.sessions.revokeToken({ tokenId, expiresAt: new Date((nowSeconds + 3_600) * 1000) });
    const feed = claimsOf((await core.sessions.revocationFeed()).document());
    expect(feed['revocations']).toEqual([{ jti: tokenId, forget_after: nowSeconds + 3_660 }]);
  });

  test.each([
    ['no id', { tokenId: '' }],
    ['an id that is none of ours', { tokenId: 'x'.repeat(36) }],
    ['a life of more than a day', { tokenId: TOKEN_ID, expiresAt: new Date('2099-01-01') }],
    ['a life that is over', { tokenId: TOKEN_ID, expiresAt: new Date('2001-01-01') }],
  ])('%s is refused', async (_, input) => {
    const { core } = await signedIn();
    await expect(core.sessions.revokeToken(input)).rejects.toThrow(InvalidInput);
  });

  test('its revocation leaves an audit row with who did it', async () => {
    const { databaseUrl, core, pair } = await signedIn();
    const { tokenId } = nameOf(pair);
    await core.as({ actor: 'user:an-admin', address: '192.0.2.9' }).sessions.revokeToken({ tokenId });
    const database = await openDatabase(databaseUrl);
    onTestFinished(() => database.close());
    const rows = await database.read('select actor, target, address from audit_entry where action = ?', [
      'token.revoked',
    ]);
    expect(rows).toEqual([{ actor: 'user:an-admin', target: `token:${tokenId}`, address: '192.0.2.9' }]);
  });
});
