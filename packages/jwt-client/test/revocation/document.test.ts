import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { createVerifier } from '../../src/index.ts';
import { generateSigningKey, signCompact } from '../../src/testing/signing-key.ts';
import { addressOf, goodClaims, start, testClock, verdictOf } from '../setting.ts';

const key = generateSigningKey('ES256');
const stranger = { ...generateSigningKey('ES256'), kid: key.kid };
const token = signCompact({ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, goodClaims({ sid: 's-1' }), key);

const entry = (changes: object = {}) => ({ sid: 's-1', forget_after: start + 960, ...changes });

function payload(changes: object = {}): object {
  const times = { iss: 'https://issuer.test', iat: start, exp: start + 60 };
  return { ...times, cursor: 'c1', complete: true, revocations: [entry()], ...changes };
}

const signed = (body: object, header: object = {}, by = key) =>
  signCompact({ alg: 'ES256', typ: 'revocations+jwt', kid: key.kid, ...header }, body, by);

/** A verifier that is served these documents one after the other, the last of them for ever. */
async function served(...documents: (string | (() => Response))[]) {
  const clock = testClock();
  const asked: { url: string; etag: string | undefined }[] = [];
  const events = vi.fn<(event: { type: string }) => void>();
  async function fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    asked.push({ url: addressOf(input), etag: headers.get('if-none-match') ?? undefined });
    const document = documents.length > 1 ? documents.shift() : documents[0];
    return typeof document === 'function' ? document() : new Response(document, { headers: { etag: '"e1"' } });
  }
  const verifier = createVerifier({
    issuer: 'https://issuer.test',
    audience: 'test-service',
    jwks: { keys: { keys: [key.jwk] }, fetch },
    revocation: {},
    on: { revocation: events },
    clock,
  });
  await verifier.ready();
  const next = async () => {
    clock.advance(11);
    await verifier.ready();
  };
  const reason = () => inspect(verifier.status().revocation?.lastError);
  return { verifier, clock, asked, events, next, reason };
}

test('a document as the contract has it is obeyed', async () => {
  const { verifier, events } = await served(signed(payload()));
  expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
  expect(events.mock.calls).toEqual([[{ type: 'loaded', received: 1, entries: 1, leftOut: 0, complete: true }]]);
});

describe('a document that cannot be trusted or understood is refused as a whole, and reported', () => {
  const deep = { ...entry(), more: [[[[[[[[1]]]]]]]] };
  test.each<[string, string, RegExp]>([
    ['signed by a stranger', signed(payload(), {}, stranger), /signature_invalid|wrong signature/],
    ['an access token', signed(payload(), { typ: 'at+jwt' }), /not signed/],
    ['of no type', signed(payload(), { typ: undefined }), /not signed/],
    ['unsigned', `${signed(payload(), { alg: 'none' }).split('.').slice(0, 2).join('.')}.`, /not signed/],
    ['of an unknown key', signed(payload(), { kid: 'other' }), /not signed/],
    ['with an unknown extension', signed(payload(), { crit: ['x'], x: 1 }), /not signed/],
    ['plain JSON', JSON.stringify(payload()), /not signed/],
    ['nothing', '', /not signed/],
    ['of another issuer', signed(payload({ iss: 'https://evil.test' })), /another issuer/],
    ['without iat', signed(payload({ iat: undefined })), /no times/],
    ['whose exp is a text', signed(payload({ exp: '1' })), /no times/],
    ['expired', signed(payload({ exp: start - 5 })), /not of this time/],
    ['of the future', signed(payload({ iat: start + 6 })), /not of this time/],
    ['without cursor', signed(payload({ cursor: undefined })), /no place/],
    ['with an empty cursor', signed(payload({ cursor: '' })), /no place/],
    ['with a cursor of 257 characters', signed(payload({ cursor: 'c'.repeat(257) })), /no place/],
    ['that does not say whether it is complete', signed(payload({ complete: 'yes' })), /no place/],
    ['a delta that nobody asked for', signed(payload({ complete: false, since: 'c0' })), /gap/],
    ['whose revocations are no list', signed(payload({ revocations: {} })), /no revocations/],
    ['with an entry of two kinds', signed(payload({ revocations: [entry({ jti: 't' })] })), /not understood/],
    ['with an entry of no kind', signed(payload({ revocations: [entry({ sid: undefined })] })), /not understood/],
    ['with an empty id', signed(payload({ revocations: [entry({ sid: '' })] })), /not understood/],
    ['with an id that is a number', signed(payload({ revocations: [entry({ sid: 1 })] })), /not understood/],
    [
      'with an entry for ever',
      signed(payload({ revocations: [entry({ forget_after: undefined })] })),
      /not understood/,
    ],
    [
      'with a subject without not_before',
      signed(payload({ revocations: [{ sub: 'a', forget_after: 1 }] })),
      /not understood/,
    ],
    ['with an entry that is null', signed(payload({ revocations: [null] })), /not understood/],
    ['nested too deep', signed(payload({ revocations: [deep] })), /not signed/],
  ])('%s', async (_, document, reason) => {
    const feed = await served(document);
    expect(feed.verifier.status().revocation).toMatchObject({ state: 'empty', entries: 0, failures: 1 });
    expect(feed.reason()).toMatch(reason);
    expect(feed.events.mock.calls).toEqual([[expect.objectContaining({ type: 'failed', failures: 1 })]]);
    expect(await verdictOf(feed.verifier.verify(token))).toBe('accepted');
  });

  test('what was known before stays, and the next question is for everything', async () => {
    const feed = await served(signed(payload()), signed(payload({ complete: false, since: 'c0' })), signed(payload()));
    await feed.next();
    expect(feed.reason()).toMatch(/gap/);
    expect(await verdictOf(feed.verifier.verify(token))).toBe('token_revoked');
    await feed.next(); // In the background: while failing, nobody waits.
    await vi.waitFor(() =>
      expect(feed.verifier.status().revocation).toMatchObject({ state: 'fresh', failures: 0, entries: 1 }),
    );
    const address = 'https://issuer.test/.well-known/revocations';
    expect(feed.asked.map(({ url }) => url)).toEqual([address, `${address}?since=c1`, address]);
  });
});

describe('time', () => {
  test.each([
    ['5 s before iat', { iat: start + 5 }, 1],
    ['5 s after exp', { exp: start - 4 }, 1],
  ])('%s are tolerated', async (_, times, entries) => {
    expect((await served(signed(payload(times)))).verifier.status().revocation?.entries).toBe(entries);
  });

  test('an entry is forgotten after forget_after, not a second before, by a clock that cannot jump', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const nothing = { since: 'c1', complete: false, revocations: [], exp: start + 99 };
    const { verifier, next, clock } = await served(
      signed(payload({ revocations: [entry({ forget_after: start + 30 })] })),
      signed(payload({ ...nothing, iat: start + 11 })),
    );
    vi.advanceTimersByTime(30_000);
    await next();
    expect(verifier.status().revocation?.entries).toBe(1);
    vi.advanceTimersByTime(1);
    await next();
    expect(verifier.status().revocation?.entries).toBe(0);
    expect(clock()).toBe((start + 22) * 1000);
    vi.useRealTimers();
  });

  test('an older document that is played again takes nothing away', async () => {
    const { verifier, next } = await served(signed(payload()), signed(payload({ iat: start - 1, revocations: [] })));
    await next();
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
  });

  test('"not modified" serves until the exp of the document, and no longer', async () => {
    const unmodified = () => new Response(null, { status: 304 });
    const { asked, next, clock, verifier } = await served(signed(payload()), unmodified);
    await next();
    expect(asked.at(-1)?.etag).toBe('"e1"');
    expect(verifier.status().revocation).toMatchObject({ state: 'fresh', failures: 0 });
    clock.set(start + 60);
    await verifier.ready();
    expect(asked.at(-1)?.etag).toBeUndefined();
    expect(verifier.status().revocation).toMatchObject({ state: 'stale', failures: 1 });
  });
});

describe('size', () => {
  const many = (count: number, name: string) => Array.from({ length: count }, (_, i) => entry({ sid: `${name}-${i}` }));

  test('50,000 entries are held, and no more', async () => {
    const full = signed(payload({ revocations: many(50_000, 'a') }));
    const { verifier, next, reason } = await served(full, signed(payload({ revocations: many(1, 'b') })));
    expect(verifier.status().revocation?.entries).toBe(50_000);
    await next();
    expect(reason()).toMatch(/more than 50000 entries/);
    expect(verifier.status().revocation?.entries).toBe(50_000);
  });

  const tokens = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ jti: `t-${i}`, forget_after: start + 960 }));
  const served50000 = (...further: object[]) =>
    served(signed(payload({ revocations: many(50_000, 'a') })), ...further.map((body) => signed(payload(body))));

  test('a full list goes on when it is told what it knows', async () => {
    const { verifier, next, clock, reason } = await served50000(
      { revocations: many(1, 'b') },
      { revocations: many(50_000, 'a') },
    );
    await next();
    expect(reason()).toMatch(/more than 50000 entries/);
    await next();
    await vi.waitFor(() => expect(verifier.status().revocation).toMatchObject({ state: 'fresh', failures: 0 }));
    expect(verifier.status().revocation).toMatchObject({ entries: 50_000, leftOut: 0 });
    expect(clock()).toBe((start + 22) * 1000);
  });

  test('single tokens are left out first: told, and the feed goes on', async () => {
    const revocations = [...tokens(2), ...many(49_999, 'a')];
    const { verifier, events } = await served(signed(payload({ revocations })));
    expect(verifier.status().revocation).toMatchObject({ state: 'fresh', entries: 50_000, leftOut: 1 });
    expect(events.mock.calls).toEqual([
      [{ type: 'loaded', received: 50_001, entries: 50_000, leftOut: 1, complete: true }],
    ]);
  });

  test('a session takes the place of the token that was revoked first', async () => {
    const delta = { revocations: [entry()], complete: false, since: 'c1' };
    const { verifier, next } = await served(
      signed(payload({ revocations: [{ jti: 'token-1', forget_after: start + 960 }, ...tokens(49_999)] })),
      signed(payload(delta)),
    );
    const other = signCompact({ alg: 'ES256', typ: 'at+jwt', kid: key.kid }, goodClaims({ jti: 't-0' }), key);
    await next();
    expect(verifier.status().revocation).toMatchObject({ state: 'fresh', entries: 50_000, leftOut: 1 });
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
    expect(await verdictOf(verifier.verify(other))).toBe('token_revoked');
  });

  test('a body of more than 8 MiB is cut off', async () => {
    const { reason } = await served(() => new Response('x'.repeat(8 * 1024 * 1024 + 1)));
    expect(reason()).toMatch(/more than 8388608 bytes/);
  });
});
