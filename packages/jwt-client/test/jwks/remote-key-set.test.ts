import { describe, expect, test, vi } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import { openSetting, testClock, verdict, verdictOf } from '../setting.ts';

/** Lets a background refresh finish: everything in the test issuer settles within a few turns of the event loop. */
const settled = (check: () => unknown) => vi.waitFor(() => expect(check()).toBeTruthy());

describe('fetching', () => {
  test('nothing is fetched before the first use', () => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    createVerifier(issuer.verifierOptions);
    expect(issuer.fetches.total).toBe(0);
  });

  test('a hundred first requests at once cause one fetch', async () => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    const verifier = createVerifier(issuer.verifierOptions);
    const tokens = Array.from({ length: 100 }, () => issuer.mint());
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(issuer.fetches).toEqual({ discovery: 1, jwks: 1, revocations: 1, total: 3 });
  });

  test('fresh keys are not fetched again, and are after their max-age', async () => {
    const { issuer, verifier, clock } = await openSetting({}, { jwksMaxAgeSeconds: 600 });
    clock.advance(599.999);
    await verifier.verify(issuer.mint());
    expect(issuer.fetches.jwks).toBe(1);
    clock.advance(0.001);
    await verifier.verify(issuer.mint());
    await settled(() => verifier.status().keys.state === 'fresh');
    expect(issuer.fetches.jwks).toBe(2);
  });

  test('a minute after their freshness keys serve on while new ones are fetched', async () => {
    const { issuer, verifier, clock } = await openSetting();
    clock.advance(359.999);
    const old = issuer.mint();
    issuer.rotate();
    issuer.withdraw(verifier.status().keys.keyIds[0]);
    await expect(verifier.verify(old)).resolves.toBeDefined();
    await settled(() => verifier.status().keys.state === 'fresh');
    await expect(verifier.verify(old)).rejects.toMatchObject({ code: 'kid_unknown' });
  });

  test('keys older than that wait for the fetch, so a key withdrawn during a quiet hour is not used once more', async () => {
    const { issuer, verifier, clock } = await openSetting();
    clock.advance(360);
    const old = issuer.mint();
    issuer.withdraw(issuer.kid);
    issuer.rotate();
    issuer.withdraw(verifier.status().keys.keyIds[0]);
    await expect(verifier.verify(old)).rejects.toMatchObject({ code: 'kid_unknown' });
  });

  test('a clock set back far makes keys stale, not fresh for ever', async () => {
    const { verifier, clock } = await openSetting();
    clock.advance(-86_400);
    expect(verifier.status().keys.state).toBe('stale');
  });

  test('a known address is used as given, without discovery', async () => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    const jwks = { uri: 'https://issuer.test/.well-known/jwks.json', fetch: issuer.fetch };
    await createVerifier({ ...issuer.verifierOptions, jwks }).verify(issuer.mint());
    expect(issuer.fetches).toEqual({ discovery: 0, jwks: 1, revocations: 0, total: 1 });
  });

  test('keys handed over are used without any fetch', async () => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { keys: issuer.jwks(), fetch: issuer.fetch } });
    await verifier.ready();
    expect(verdict(() => verifier.verifySync(issuer.mint()))).toBe('accepted');
    expect(await verdictOf(verifier.verify(issuer.mint({}, { kid: 'other' })))).toBe('kid_unknown');
    expect(verifier.status().keys).toMatchObject({ state: 'fresh', keyIds: [issuer.kid] });
    verifier.close();
    expect(issuer.fetches.total).toBe(0);
  });
});

describe('rotation', () => {
  test('a token of a new key is accepted at once: its kid causes a fetch', async () => {
    const { issuer, verifier } = await openSetting();
    issuer.rotate();
    await expect(verifier.verify(issuer.mint())).resolves.toMatchObject({ subject: 'user-1' });
    expect(issuer.fetches.jwks).toBe(2);
  });

  test('verifySync says "try again" while that fetch is under way, then accepts', async () => {
    const { issuer, verifier } = await openSetting();
    const kid = issuer.rotate();
    const token = issuer.mint();
    expect(verdict(() => verifier.verifySync(token))).toBe('keys_unavailable');
    await settled(() => verifier.status().keys.keyIds.includes(kid));
    expect(verdict(() => verifier.verifySync(token))).toBe('accepted');
  });

  test('a thousand unknown kids cause one fetch in 30 s', async () => {
    const { issuer, verifier, clock } = await openSetting();
    const flood = () =>
      Promise.all(
        Array.from({ length: 1000 }, (_, i) => verdictOf(verifier.verify(issuer.mint({}, { kid: `k${i}` })))),
      );
    expect(new Set(await flood())).toEqual(new Set(['kid_unknown']));
    expect(issuer.fetches.jwks).toBe(2);
    clock.advance(29.999);
    await flood();
    expect(issuer.fetches.jwks).toBe(2);
    clock.advance(0.001);
    await flood();
    expect(issuer.fetches.jwks).toBe(3);
  });

  test('also when that fetch fails', async () => {
    const { issuer, verifier, clock } = await openSetting();
    issuer.outage = true;
    const unknown = () => verdictOf(verifier.verify(issuer.mint({}, { kid: 'unknown' })));
    // Nobody can tell whether this kid is the issuer's newest key: 503, not 401.
    expect(await unknown()).toBe('keys_unavailable');
    expect(issuer.fetches.total).toBe(3);
    clock.advance(29);
    expect(await unknown()).toBe('keys_unavailable');
    expect(issuer.fetches.total).toBe(3);
  });
});

describe('outage', () => {
  test('no valid token is refused in an hour without the issuer', async () => {
    const { issuer, verifier, clock } = await openSetting();
    issuer.outage = true;
    for (let minute = 0; minute < 65; minute++) {
      await expect(verifier.verify(issuer.mint())).resolves.toBeDefined();
      expect(verdict(() => verifier.verifySync(issuer.mint()))).toBe('accepted');
      clock.advance(60);
    }
  });

  test('once the issuer is known to be down, nobody waits for it, not even when it stops answering', async () => {
    let hanging = 0;
    const clock = testClock();
    const issuer = createTestIssuer({ algorithm: 'ES256', clock, revocationsMaxAgeSeconds: false });
    const fetch: typeof globalThis.fetch = (...request) => {
      if (!issuer.outage) return issuer.fetch(...request);
      hanging++;
      return hanging === 1 ? Promise.reject(new Error('connection refused')) : new Promise(() => {});
    };
    const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { fetch, timeoutMs: 60_000 } });
    await verifier.ready();
    issuer.outage = true;
    clock.advance(400);
    await expect(verifier.verify(issuer.mint())).resolves.toBeDefined();
    clock.advance(2);
    await expect(verifier.verify(issuer.mint())).resolves.toBeDefined();
    expect(hanging).toBe(2);
    verifier.close();
  });

  test('after that the answer is 503 with Retry-After, for valid tokens and malformed ones stay 401', async () => {
    const { issuer, verifier, clock } = await openSetting();
    issuer.outage = true;
    clock.advance(300 + 3600);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    clock.advance(0.001);
    const error = await verifier.verify(issuer.mint()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'keys_unavailable',
      status: 503,
      retryAfterSeconds: expect.any(Number) as unknown,
    });
    expect(verifier.status().keys).toMatchObject({ state: 'expired', failures: expect.any(Number) as unknown });
    expect(await verdictOf(verifier.verify('x'))).toBe('token_malformed');
  });

  test('when the issuer is back, keys are fetched again and all is well', async () => {
    const { issuer, verifier, clock } = await openSetting();
    issuer.outage = true;
    clock.advance(4000);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('keys_unavailable');
    issuer.outage = false;
    clock.advance(1);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    expect(verifier.status().keys).toMatchObject({ state: 'fresh', failures: 0, lastError: undefined });
  });

  test('staleIfErrorSeconds 0 serves no stale key', async () => {
    const { issuer, verifier, clock } = await openSetting({ jwks: { staleIfErrorSeconds: 0 } });
    issuer.outage = true;
    clock.advance(300.001);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('keys_unavailable');
  });

  test('at start: ready() rejects, tokens get 503, and both recover', async () => {
    const clock = testClock();
    const issuer = createTestIssuer({ algorithm: 'ES256', clock });
    const verifier = createVerifier(issuer.verifierOptions);
    issuer.outage = true;
    await expect(verifier.ready()).rejects.toMatchObject({
      code: 'keys_unavailable',
      cause: expect.any(Error) as unknown,
    });
    expect(verifier.status().keys).toMatchObject({ state: 'empty', failures: 1 });
    issuer.outage = false;
    clock.advance(1);
    await verifier.ready();
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
  });

  test('thousands of requests in an outage fetch as often as the backoff allows: 1 s doubling to 60 s, less up to half', async () => {
    const { issuer, verifier, clock } = await openSetting();
    issuer.outage = true;
    clock.advance(300);
    const token = issuer.mint();
    const attempts: number[] = [];
    for (let step = 0; step < 3000; step++) {
      const before = issuer.fetches.total;
      verifier.verifySync(token);
      await verifier.verify(token);
      if (issuer.fetches.total > before) attempts.push(clock() / 1000);
      clock.advance(0.1);
      await new Promise(setImmediate);
    }
    const gaps = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    gaps.forEach((gap, i) => {
      const full = Math.min(2 ** i, 60);
      expect(gap).toBeGreaterThanOrEqual(full / 2 - 0.001);
      expect(gap).toBeLessThanOrEqual(full + 0.2);
    });
    expect(gaps.length).toBeGreaterThan(7);
  });

  test('the jwks hook hears of each failure, with the reason', async () => {
    const jwks = vi.fn<(event: unknown) => void>();
    const { issuer, verifier, clock } = await openSetting({ on: { jwks } });
    issuer.outage = true;
    clock.advance(5000);
    await verifier.safeVerify(issuer.mint());
    const failure = {
      type: 'failed',
      failures: 1,
      error: expect.any(Error) as unknown,
      retryAfterMs: expect.any(Number) as unknown,
    };
    expect(jwks.mock.calls.slice(1)).toEqual([[failure]]);
  });
});

test('close() ends all fetching; keys at hand serve until they are too old', async () => {
  const { issuer, verifier, clock } = await openSetting();
  verifier.close();
  clock.advance(400);
  expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
  expect(await verdictOf(verifier.verify(issuer.mint({}, { kid: 'unknown' })))).toBe('kid_unknown');
  clock.advance(4000);
  expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('keys_unavailable');
  expect(issuer.fetches.total).toBe(2);
});
