import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createVerifier, type VerifierOptions } from '../../src/index.ts';
import type * as follow from '../../src/issuer/follow.ts';
import * as web from '../../src/web/index.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import { addressOf, verdict, verdictOf } from '../setting.ts';

// The file beside the entry is out of reach where import() is forbidden, or a bundle left the file behind.
const missing = new Error('no such file');
const file = { isMissing: false };
vi.mock('../../src/issuer/follow.ts', async (importOriginal) => {
  const { followIssuer } = await importOriginal<typeof follow>();
  return {
    get followIssuer() {
      if (file.isMissing) throw missing;
      return followIssuer;
    },
  };
});

const hooks = () => ({ jwks: vi.fn<(event: unknown) => void>(), revocation: vi.fn<(event: unknown) => void>() });
const failure = (failures: number) => ({ type: 'failed', error: missing, failures, retryAfterMs: 1000 });

function setting(overrides: Partial<VerifierOptions<never>> = {}) {
  const issuer = createTestIssuer({ algorithm: 'ES256' });
  const on = hooks();
  return { issuer, on, options: { ...issuer.verifierOptions, on, ...overrides } as VerifierOptions<never> };
}

function withKeys(revocation: VerifierOptions<never>['revocation']) {
  const { issuer, on, options } = setting();
  const keys = { ...options, jwks: { ...options.jwks, keys: issuer.jwks() }, revocation } as VerifierOptions<never>;
  return { issuer, on, options: keys };
}

test('a key published after the very first fetch of the keys is fetched by the token that needs it', async () => {
  const issuer = createTestIssuer({ algorithm: 'ES256', revocationsMaxAgeSeconds: false });
  const answers = [Response.json(issuer.jwks())];
  issuer.rotate();
  const fetch: typeof globalThis.fetch = async (input, init) =>
    (addressOf(input).includes('jwks') && answers.pop()) || issuer.fetch(input, init);
  const verifier = createVerifier({ ...issuer.verifierOptions, jwks: { fetch } });
  expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
});

describe('while what follows the issuer cannot be loaded', () => {
  const warn = vi.spyOn(process, 'emitWarning');
  beforeEach(() => {
    file.isMissing = true;
    warn.mockReset().mockReturnValue();
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    file.isMissing = false;
    vi.useRealTimers();
  });

  test('no key is known: 503 that says why, also to the hook and as a warning of the process', async () => {
    const { issuer, on, options } = setting();
    const verifier = createVerifier(options);
    const refusal = { code: 'keys_unavailable', status: 503, retryAfterSeconds: 1, cause: missing };
    await expect(verifier.ready()).rejects.toMatchObject(refusal);
    await expect(verifier.verify(issuer.mint())).rejects.toMatchObject(refusal);
    expect(verdict(() => verifier.verifySync(issuer.mint()))).toBe('keys_unavailable');
    expect(verifier.status().keys).toMatchObject({ state: 'empty', failures: 1, lastError: missing, keyIds: [] });
    expect(on.jwks.mock.calls).toEqual([[failure(1)]]);
    expect(on.revocation).not.toHaveBeenCalled();
    expect(warn.mock.calls).toEqual([[missing]]);
  });

  test('with keys at hand, revocations are a feed that was never loaded: accepted by default, and told', async () => {
    const { issuer, on, options } = withKeys({});
    const verifier = createVerifier(options);
    await verifier.ready();
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    expect(verifier.status().keys).toMatchObject({ state: 'fresh', failures: 0, keyIds: [issuer.kid] });
    expect(verifier.status().revocation).toEqual({
      state: 'empty',
      fetchedAt: undefined,
      failures: 1,
      lastError: missing,
      entries: 0,
      leftOut: 0,
      ageSeconds: undefined,
    });
    expect(on.revocation.mock.calls).toEqual([[failure(1)]]);
    expect(on.jwks).not.toHaveBeenCalled();
    expect(warn.mock.calls).toEqual([[missing]]);
  });

  test('as they are on the web', async () => {
    const { issuer, options } = withKeys({});
    const verifier = web.createVerifier(options);
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    expect(await verdictOf(verifier.verify(issuer.mint()))).toBe('accepted');
    expect(verifier.status().revocation?.state).toBe('empty');
  });

  test('onStale "refuse" refuses, and says why', async () => {
    const { issuer, options } = withKeys({ onStale: 'refuse' });
    const verifier = createVerifier(options);
    const refusal = { code: 'revocations_unavailable', status: 503, cause: missing };
    await expect(verifier.ready()).rejects.toMatchObject(refusal);
    await expect(verifier.verify(issuer.mint())).rejects.toMatchObject(refusal);
    expect(verdict(() => verifier.verifySync(issuer.mint()))).toBe('revocations_unavailable');
  });

  test('it is tried again, once a second at most, and all is well when it is there', async () => {
    const { issuer, on, options } = withKeys({});
    const token = issuer.mint();
    issuer.revoke({ sid: 'session-1' });
    const verifier = createVerifier(options);
    for (let i = 0; i < 10; i++) expect(await verdictOf(verifier.verify(token))).toBe('accepted');
    vi.advanceTimersByTime(1000);
    for (let i = 0; i < 10; i++) expect(await verdictOf(verifier.verify(token))).toBe('accepted');
    expect(on.revocation.mock.calls).toEqual([[failure(1)], [failure(2)]]);
    expect(warn).toHaveBeenCalledTimes(1);
    file.isMissing = false;
    vi.advanceTimersByTime(1000);
    expect(await verdictOf(verifier.verify(token))).toBe('token_revoked');
    expect(verifier.status().revocation).toMatchObject({ state: 'fresh', failures: 0, entries: 1 });
    verifier.close();
  });
});
