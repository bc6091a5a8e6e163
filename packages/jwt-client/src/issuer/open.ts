import { AccessTokenError } from '../errors/index.ts';
import { andThen } from '../eventually.ts';
import { callHook, warn } from '../hooks.ts';
import type { FetchFailure } from '../http/refresh.ts';
import { type FixedKeySet, fixedKeySet } from '../jwks/key-set.ts';
import type { Settings } from '../options.ts';
import type { Primitives } from '../primitives.ts';
import type { Issuer } from './issuer.ts';

const retryAfterMs = 1000;

/**
 * The issuer as it is known at the moment of asking. All that follows it over the network is loaded beside the first
 * tokens, as a file of its own: who is given the keys, and follows no revocations, never loads it. While it cannot be
 * loaded, the issuer is one that was never reached; it is tried again once a second at most.
 */
export function openIssuer(settings: Settings, primitives: Primitives, closing: AbortSignal): () => Issuer {
  const { on, jwks, revocation, mustBeFresh } = settings;
  const keySet = jwks.keys && fixedKeySet(jwks.keys, primitives);
  let failures = 0;
  let lastError: unknown;
  let retryAt = keySet && !revocation ? Infinity : 0;
  let following: Promise<Issuer | undefined> | undefined;
  let known: Issuer = {
    find: (kid) => usable().find(kid),
    // Where that will not do, no key is found: a token does not come as far as this.
    isRevoked: () => false,
    revalidate: () => andThen(follow(), (issuer) => (issuer ?? keySet)?.revalidate()) as Promise<void> | undefined,
    refetch() {},
    assertUsable: usable,
    status: () => ({
      keys: keySet?.status() ?? { ...unreached(), keyIds: [] },
      revocation: revocation ? { ...unreached(), entries: 0, leftOut: 0, ageSeconds: undefined } : undefined,
    }),
  };
  const unreached = () => ({ state: 'empty' as const, fetchedAt: undefined, failures, lastError });

  function usable(): FixedKeySet {
    if (keySet && !mustBeFresh) return keySet;
    throw new AccessTokenError(keySet ? 'revocations_unavailable' : 'keys_unavailable', { cause: lastError });
  }

  function follow(): typeof following {
    if (performance.now() < retryAt) return undefined;
    return (following ??= import('./follow.ts')
      .then(({ followIssuer }) => (known = followIssuer(settings, primitives, closing, keySet)))
      .catch(fail));
  }

  function fail(error: unknown): undefined {
    following = undefined;
    lastError = error;
    retryAt = performance.now() + retryAfterMs;
    // A program that lacks a file of its own, or may not load it, has nobody else who would say so.
    if (failures++ === 0) warn(error);
    callHook<FetchFailure>(on[keySet ? 'revocation' : 'jwks'], { type: 'failed', error, failures, retryAfterMs });
  }

  void follow();
  return () => known;
}
