import { describe, expect, test, vi } from 'vitest';
import { createVerifier, type VerifierOptions } from '../../src/index.ts';
import { createTestIssuer, type TestIssuer } from '../../src/testing/index.ts';
import { addressOf, openSetting, start, testClock, verdict, verdictOf } from '../setting.ts';

type Overrides = Partial<Omit<VerifierOptions<never>, 'claims'>>;

/** An issuer with a feed that is polled every five seconds, and a verifier that follows it. */
const followed = (overrides: Overrides = {}) => openSetting(overrides, { revocationsMaxAgeSeconds: 5 });

async function signedOut(issuer: TestIssuer): Promise<string> {
  const token = issuer.mint({ sid: 'session-7' });
  issuer.revoke({ sid: 'session-7' });
  return token;
}

describe('what is revoked is refused', () => {
  test.each([
    ['its session', { sid: 'session-1' }],
    ['the token itself', { jti: 'token-1' }],
    ['its subject, at the second it was issued', { sub: 'ada' }],
    ['its subject, after it was issued', { sub: 'ada', notBeforeSeconds: start + 1 }],
  ])('%s', async (_, what) => {
    const { issuer, verifier, clock } = await followed();
    const token = issuer.mint({ sub: 'ada', jti: 'token-1' });
    expect(await verdictOf(verifier.verify(token))).toBe('accepted');
    issuer.revoke(what);
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
    expect(verdict(() => verifier.verifySync(token))).toBe('token_revoked');
  });

  test.each([
    ['another session', { sid: 'session-2' }],
    ['another token', { jti: 'token-2' }],
    ['another subject', { sub: 'bob' }],
    ['its subject, before it was issued', { sub: 'ada', notBeforeSeconds: start - 1 }],
    ['a session with the name of the subject', { sid: 'ada' }],
    ['a session with the name of a member of objects', { sid: 'constructor' }],
  ])('not so with %s', async (_, what) => {
    const { issuer, verifier, clock } = await followed();
    const token = issuer.mint({ sub: 'ada', jti: 'token-1' });
    issuer.revoke(what);
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe('accepted');
    expect(verifier.status().revocation?.entries).toBe(1);
  });

  test('a service, which has no session, by its subject', async () => {
    const { issuer, verifier, clock } = await followed();
    const token = issuer.mint({ sub: 'billing', client_id: 'billing', sid: undefined });
    issuer.revoke({ sub: 'billing' });
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
  });

  test('a subject revoked twice: the later time counts, in either order', async () => {
    const { issuer, verifier, clock } = await followed();
    const token = issuer.mint({ sub: 'ada' });
    issuer.revoke({ sub: 'ada', notBeforeSeconds: start + 5 });
    issuer.revoke({ sub: 'ada', notBeforeSeconds: start - 5 });
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
    expect(await verdictOf(verifier.verify(issuer.mint({ sub: 'ada' })))).toBe('accepted');
  });
});

describe('how the feed is followed', () => {
  test('a hundred requests cause one fetch, and fresh revocations none', async () => {
    const { issuer, verifier, clock } = await followed();
    expect(issuer.fetches.revocations).toBe(1);
    clock.advance(4.999);
    await Promise.all(Array.from({ length: 100 }, () => verifier.verify(issuer.mint())));
    expect(issuer.fetches.revocations).toBe(1);
    clock.advance(10);
    await Promise.all(Array.from({ length: 100 }, () => verifier.verify(issuer.mint())));
    expect(issuer.fetches.revocations).toBe(2);
  });

  test('the first token after a quiet hour waits for what was revoked meanwhile', async () => {
    const { issuer, verifier, clock } = await followed();
    clock.advance(3600);
    expect(await verdictOf(verifier.verify(await signedOut(issuer)))).toBe('token_revoked');
  });

  test('then come deltas: each poll receives only what is new', async () => {
    const revocation = vi.fn<(event: unknown) => void>();
    const { issuer, verifier, clock } = await followed({ on: { revocation } });
    for (const sid of ['a', 'b', 'c']) {
      issuer.revoke({ sid });
      clock.advance(10);
      await verifier.verify(issuer.mint());
    }
    clock.advance(10);
    await verifier.verify(issuer.mint());
    expect(revocation.mock.calls.flat()).toEqual([
      { type: 'loaded', received: 0, entries: 0, leftOut: 0, complete: true },
      { type: 'loaded', received: 1, entries: 1, leftOut: 0, complete: false },
      { type: 'loaded', received: 1, entries: 2, leftOut: 0, complete: false },
      { type: 'loaded', received: 1, entries: 3, leftOut: 0, complete: false },
    ]);
    expect(issuer.fetches.revocations).toBe(5); // The last was answered 304.
  });

  test('status() says how old and how large it is', async () => {
    const { issuer, verifier, clock } = await followed();
    await signedOut(issuer);
    clock.advance(10);
    await verifier.verify(issuer.mint());
    clock.advance(3);
    expect(verifier.status().revocation).toEqual({
      state: 'fresh',
      entries: 1,
      leftOut: 0,
      ageSeconds: 3,
      fetchedAt: new Date((start + 10) * 1000),
      failures: 0,
      lastError: undefined,
    });
  });

  test('it is polled in the background while tokens come, for a minute more, and then no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { issuer, verifier, clock } = await followed();
    async function pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1);
        await vi.advanceTimersByTimeAsync(1000);
      }
    }
    const token = await signedOut(issuer);
    await pass(6);
    expect(verdict(() => verifier.verifySync(token))).toBe('token_revoked');
    await pass(120);
    const polls = issuer.fetches.revocations;
    expect(polls).toBeGreaterThan(10);
    expect(polls).toBeLessThan(16);
    await pass(120);
    expect(issuer.fetches.revocations).toBe(polls);
    vi.useRealTimers();
  });

  test('close() ends polling', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { issuer, verifier, clock } = await followed();
    verifier.close();
    clock.advance(60);
    await verifier.safeVerify(issuer.mint());
    await vi.advanceTimersByTimeAsync(60_000);
    expect([issuer.fetches.revocations, vi.getTimerCount()]).toEqual([1, 0]);
    vi.useRealTimers();
  });
});

test('with keys at hand, revocations that must be known are waited for: verifySync says "try again" until they are', async () => {
  const issuer = createTestIssuer({ algorithm: 'ES256' });
  const token = await signedOut(issuer);
  const { jwks: network, ...names } = issuer.verifierOptions;
  const options = { ...names, jwks: { ...network, keys: issuer.jwks() } };
  const verifier = createVerifier({ ...options, revocation: { onStale: 'refuse' } });
  expect(verdict(() => verifier.verifySync(token))).toBe('revocations_unavailable');
  await expect.poll(() => verdict(() => verifier.verifySync(token))).toBe('token_revoked');
  verifier.close();
});

describe('whether a feed is followed', () => {
  const open = (revocation: VerifierOptions<never>['revocation'], announced: number | false = 5, jwks = {}) =>
    openSetting({ ...(revocation !== undefined && { revocation }), jwks }, { revocationsMaxAgeSeconds: announced });

  test.each([
    ['left out and announced', undefined, 5 as const, true],
    ['left out and not announced', undefined, false as const, false],
    ['false and announced', false as const, 5 as const, false],
    ['{} and not announced', {}, false as const, true],
    ['an address of its own', { uri: 'https://issuer.test/.well-known/revocations' }, false as const, true],
  ])('%s', async (_, revocation, announced, isFollowed) => {
    const { issuer, verifier, clock } = await open(revocation, announced);
    const token = await signedOut(issuer);
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe(isFollowed ? 'token_revoked' : 'accepted');
    expect(verifier.status().revocation !== undefined).toBe(isFollowed);
  });

  test('keys handed over or at a known address: only when asked for, as nothing is discovered', async () => {
    const uri = 'https://issuer.test/.well-known/jwks.json';
    const off = await open(undefined, 5, { uri });
    expect(off.verifier.status().revocation).toBeUndefined();
    const on = await open({}, 5, { uri });
    expect(on.verifier.status().revocation?.state).toBe('fresh');
  });

  test.each([
    ['over http', { uri: 'http://sso.example.com/revocations' }],
    ['that is no URL', { uri: 'revocations' }],
    ['without a limit of staleness', { staleSeconds: Infinity }],
    ['that may neither accept nor refuse', { onStale: 'ignore' as never }],
  ])('a source %s is refused at once', (_, revocation) => {
    const issuer = createTestIssuer({ algorithm: 'ES256' });
    expect(() => createVerifier({ ...issuer.verifierOptions, revocation })).toThrow(TypeError);
  });
});

describe('without the feed', () => {
  test('an outage changes nothing: what is known stays revoked, everything else is accepted', async () => {
    const { issuer, verifier, clock } = await followed();
    const token = await signedOut(issuer);
    clock.advance(10);
    await verifier.safeVerify(token);
    issuer.outage = true;
    for (let minute = 0; minute < 14; minute++) {
      clock.advance(60);
      expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
      expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    }
    expect(verifier.status().revocation).toMatchObject({ state: 'stale', entries: 1, ageSeconds: 14 * 60 });
  });

  test('nobody waits twice for an issuer that hangs', async () => {
    const clock = testClock();
    const issuer = createTestIssuer({ algorithm: 'ES256', clock });
    let hangs = false;
    const fetch: typeof globalThis.fetch = (...request) => (hangs ? new Promise(() => {}) : issuer.fetch(...request));
    const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { fetch, timeoutMs: 300 } });
    await verifier.ready();
    hangs = true;
    clock.advance(10);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    const before = performance.now();
    for (let i = 0; i < 50; i++) expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    expect(performance.now() - before).toBeLessThan(300);
    verifier.close();
  });

  test('nor, while the keys are out of reach, for a feed that hangs', async () => {
    const clock = testClock();
    const issuer = createTestIssuer({ algorithm: 'ES256', clock });
    let isDown = false;
    async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
      if (!isDown) return issuer.fetch(input, init);
      return addressOf(input).includes('revocations') ? new Promise(() => {}) : Response.error();
    }
    const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { fetch, timeoutMs: 60_000 } });
    await verifier.ready();
    isDown = true;
    clock.advance(400);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    verifier.close();
  });

  test('onStale "refuse": 503 with Retry-After once the feed is too old, and well again when it is back', async () => {
    const { issuer, verifier, clock } = await followed({ revocation: { onStale: 'refuse', staleSeconds: 30 } });
    issuer.outage = true;
    clock.advance(35);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    clock.advance(0.001);
    const error: unknown = await verifier.verify(issuer.mint()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'revocations_unavailable', status: 503, retryAfterSeconds: 1 });
    expect(verdict(() => verifier.verifySync(issuer.mint()))).toBe('revocations_unavailable');
    issuer.outage = false;
    clock.advance(2);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
  });

  test('onStale "refuse" before the first answer: ready() rejects and no token is accepted', async () => {
    const clock = testClock();
    const issuer = createTestIssuer({ algorithm: 'ES256', clock });
    const fetch: typeof globalThis.fetch = (input, init) =>
      addressOf(input).includes('revocations') ? Promise.reject(new Error('refused')) : issuer.fetch(input, init);
    const options = { ...issuer.verifierOptions, jwks: { fetch } };
    const refusing = createVerifier({ ...options, revocation: { onStale: 'refuse' } });
    expect(await verdictOf(refusing.ready())).toBe('revocations_unavailable');
    expect(await verdictOf(refusing.verify(issuer.mint()))).toBe('revocations_unavailable');
    const accepting = createVerifier(options);
    await accepting.ready();
    expect(await verdictOf(accepting.verify(issuer.mint()))).toBe('accepted');
    expect(accepting.status().revocation).toMatchObject({ state: 'empty', failures: 1 });
  });
});

describe('a clock that jumps revives nothing', () => {
  test.each([3600, -3600, 86_400, -86_400])('%d s and back', async (jump) => {
    const { issuer, verifier, clock } = await followed();
    const token = await signedOut(issuer);
    clock.advance(10);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
    clock.advance(jump);
    expect(await verdictOf(verifier.verify(token))).not.toBe('accepted');
    clock.advance(-jump);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
  });
});
