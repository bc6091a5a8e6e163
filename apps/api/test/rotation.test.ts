import { JWKS_MAX_AGE_SECONDS, openCore, PUBLISHED_AHEAD_SECONDS, Secret, type Core, type TokenPair } from '@org/core';
import { createVerifier, type Verifier } from '@org/jwt-client';
import { expect, it, onTestFinished } from 'vitest';

import { ADMIN, TEST_SECRET, testClock } from './app.ts';
import { describeOnEachDatabase, freshDatabase } from './databases.ts';

const STEP_SECONDS = 60;
const SESSIONS = 6;
/** Three rotations one after the other, and until the last old key is gone. */
const STEPS = 3 * (PUBLISHED_AHEAD_SECONDS / STEP_SECONDS + 1) + 20;
/** The oldest copy of the keys that anybody may use: one that a cache serves while it fetches another. */
const COPY_SECONDS_MAX = 2 * JWKS_MAX_AGE_SECONDS;

describeOnEachDatabase('three rotations under load, by two processes', (database) => {
  it('no valid token is refused by whoever has a permitted copy of the keys, and none is accepted after its key is gone', async () => {
    const clock = testClock();
    const databaseUrl = await freshDatabase(database);
    const cores = [await open(databaseUrl, clock), await open(databaseUrl, clock)] as const;
    const [core] = cores;
    const nowSeconds = (): number => clock().getTime() / 1000;

    let pairs = await Promise.all(Array.from({ length: SESSIONS }, async () => core.sessions.login(ADMIN)));
    const copies: { at: number; kids: string[]; verifier: Verifier }[] = [];
    const tokens: { token: string; kid: string; expires: number }[] = [];
    const signed = new Set<string>();
    let rotations = 0;

    for (let step = 0; step < STEPS; step++) {
      const rotate = rotations < 3 && (await core.keys.list()).every(({ state }) => state !== 'next');
      if (rotate) rotations += 1;
      const [refreshed] = await Promise.all([
        Promise.all(pairs.map(async (pair, n) => (cores[(n + step) % 2] ?? core).sessions.refresh(pair))),
        ...cores.map(async (process) => process.keys.advance()),
        ...(rotate ? cores.map(async (process) => process.keys.rotate()) : []),
      ]);
      pairs = refreshed;
      tokens.push(...pairs.map(fresh));
      for (const { kid } of pairs.map(fresh)) signed.add(kid);
      for (const process of cores)
        copies.push({ at: nowSeconds(), kids: kidsOf(process), verifier: verifierWith(process, clock) });

      const usable = copies.filter(({ at }) => nowSeconds() - at <= COPY_SECONDS_MAX);
      const valid = tokens.filter(({ expires }) => expires > nowSeconds());
      for (const { verifier } of distinct(usable))
        for (const { token } of valid) expect(() => verifier.verifySync(token)).not.toThrow();
      // Whose clock is an hour behind, so that it is not the expiry that refuses.
      const late = verifierWith(core, clock, -3_600);
      for (const { token } of tokens.filter(({ kid }) => !kidsOf(core).includes(kid)))
        expect(() => late.verifySync(token)).toThrow(expect.objectContaining({ code: 'kid_unknown' }));
      clock.advanceSeconds(STEP_SECONDS);
    }
    expect([rotations, signed.size]).toEqual([3, 4]);
    expect(kidsOf(core)).toHaveLength(1);
    expect(new Set(tokens.filter(({ kid }) => !kidsOf(core).includes(kid)).map(({ kid }) => kid)).size).toBe(3);
  }, 120_000);
});

async function open(databaseUrl: string, clock: () => Date): Promise<Core> {
  const settings = { argon2MemoryKib: 1024, argon2Passes: 1 };
  const core = await openCore({ databaseUrl, secretKey: TEST_SECRET, clock, settings });
  onTestFinished(() => core.close());
  await core.setup({ adminEmail: ADMIN.email, adminPassword: new Secret(ADMIN.password) });
  return core;
}

function kidsOf(core: Core): string[] {
  return core.keys.jwks().keys.map(({ kid }) => kid);
}

/** Whoever has this copy of the keys and fetches no other. */
function verifierWith({ settings, keys }: Core, clock: () => Date, offsetSeconds = 0): Verifier {
  const { issuer, audience } = settings;
  return createVerifier({
    issuer,
    audience,
    jwks: { keys: keys.jwks() },
    clock: () => clock().getTime() + offsetSeconds * 1000,
  });
}

function distinct<T extends { kids: string[] }>(copies: readonly T[]): T[] {
  return [...new Map(copies.map((copy) => [copy.kids.join(), copy])).values()];
}

function fresh({ accessToken }: TokenPair): { token: string; kid: string; expires: number } {
  const [header, claims] = accessToken
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  return { token: accessToken, kid: String(header?.['kid']), expires: Number(claims?.['exp']) };
}
