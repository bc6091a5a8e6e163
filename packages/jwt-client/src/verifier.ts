import { AccessTokenError, type VerificationError } from './errors/index.ts';
import type { Eventually } from './eventually.ts';
import { callHook } from './hooks.ts';
import { fixedKeySet, type KeySet, type KeySetStatus } from './jwks/key-set.ts';
import { remoteKeySet } from './jwks/remote-key-set.ts';
import { keySource } from './jwks/source.ts';
import { jwsReader, type Signed } from './jws/reader.ts';
import type { Auth } from './jwt/auth.ts';
import { createAuthorizer } from './jwt/authorizer.ts';
import type { AccessTokenClaims } from './jwt/claims.ts';
import type { Needs } from './jwt/needs.ts';
import { parseOptions, type VerifierOptions } from './options.ts';
import type { Primitives } from './primitives.ts';
import { createRevocationFeed, type RevocationStatus } from './revocation/feed.ts';

export type Outcome<C> =
  | { readonly ok: true; readonly auth: Auth<C> }
  | { readonly ok: false; readonly error: VerificationError };

/** What verifiers can do on every platform. */
export interface AsyncVerifier<C = AccessTokenClaims> {
  /**
   * Who sent this token. Waits for the network only when the keys or revocations are not loaded, too old, or lack the
   * token's key. Rejects with a VerificationError: `error.status` and `error.toProblem()` answer the request.
   */
  readonly verify: (token: string, needs?: Needs) => Promise<Auth<C>>;
  /** As verify(), with the refusal as a value. */
  readonly safeVerify: (token: string, needs?: Needs) => Promise<Outcome<C>>;
  /**
   * Resolves once the keys and revocations are loaded; rejects with keys_unavailable (or revocations_unavailable, when
   * the options ask for them). Call it at start, or let the first token do it.
   */
  readonly ready: () => Promise<void>;
  readonly status: () => VerifierStatus;
  /** Ends all network activity. */
  readonly close: () => void;
}

export interface Verifier<C = AccessTokenClaims> extends AsyncVerifier<C> {
  /** As verify(), without waiting: throws keys_unavailable until the keys are loaded, so await ready() first. */
  readonly verifySync: (token: string, needs?: Needs) => Auth<C>;
}

export interface VerifierStatus {
  readonly keys: KeySetStatus;
  /** Undefined while no revocation feed is followed. */
  readonly revocation: RevocationStatus | undefined;
  readonly rememberedTokens: number;
}

/** A verifier on the crypto of a platform. With promises in it, verifySync() is of no use and kept from the caller. */
export function openVerifier<C>(options: VerifierOptions<C>, primitives: Primitives): Verifier<C> {
  const settings = parseOptions(options as VerifierOptions<never>);
  const hooks = options.on ?? {};
  const { algorithms, jwks } = settings;
  const feed = createRevocationFeed({
    settings,
    read: readFeed,
    onEvent: (event) => callHook(hooks.revocation, event),
  });
  const keySet: KeySet = jwks.keys
    ? fixedKeySet(jwks.keys, primitives)
    : remoteKeySet(keySource(settings, primitives, feed.discovered), settings, (event) => callHook(hooks.jwks, event));
  const readSigned = jwsReader({ primitives, algorithms, type: 'revocations+jwt', findKey: keySet.find });
  const { authorize, rememberedTokens } = createAuthorizer({
    settings,
    primitives,
    keySet,
    feed,
    schema: options.claims,
  });

  /** Tries once more with the newest keys when the key is unknown, and the issuer may be asked. */
  async function withNewestKeys<T>(attempt: () => Eventually<T>): Promise<T> {
    await keySet.revalidate();
    try {
      return await attempt();
    } catch (error) {
      const refetch = lacksKey(error) && keySet.refetch();
      if (!refetch) throw error;
      await refetch;
      return attempt();
    }
  }

  async function readFeed(text: string): Promise<Signed['payload']> {
    try {
      return (await withNewestKeys(() => readSigned(text))).payload;
    } catch (cause) {
      throw new Error('The revocation feed is not signed as it must be', { cause });
    }
  }

  function accepted(auth: Auth<C>): Auth<C> {
    callHook(hooks.verified, auth);
    return auth;
  }

  /** Throws the error on, after the hook has heard of it. What is no refusal is a fault in the program. */
  function refused(error: unknown): never {
    if (error instanceof AccessTokenError) callHook(hooks.rejected, error);
    throw error;
  }

  async function verify(token: string, needs: Needs = {}): Promise<Auth<C>> {
    await keySet.revalidate();
    const feedRefresh = feed.revalidate();
    // An issuer that just failed to give its keys would keep this request waiting for a second time.
    if (!keySet.isFailing()) await feedRefresh;
    return withNewestKeys(() => authorize(token, needs)).then(accepted, refused);
  }

  return {
    verify,
    verifySync(token, needs = {}) {
      void keySet.revalidate();
      void feed.revalidate();
      try {
        return accepted(authorize(token, needs) as Auth<C>);
      } catch (error) {
        // A key published since the last fetch is on its way: "try again" is true, "unknown" may not be.
        const isOnItsWay = lacksKey(error) && keySet.refetch();
        return refused(isOnItsWay ? new AccessTokenError('keys_unavailable', { retryAfterSeconds: 1 }) : error);
      }
    },
    safeVerify: (token, needs) => verify(token, needs).then((auth) => ({ ok: true, auth }), refusal),
    async ready() {
      await keySet.revalidate();
      keySet.assertUsable();
      await feed.revalidate();
      feed.assertUsable();
    },
    status: () => ({ keys: keySet.status(), revocation: feed.status(), rememberedTokens: rememberedTokens() }),
    close() {
      keySet.close();
      feed.close();
    },
  };
}

const lacksKey = (error: unknown) => error instanceof AccessTokenError && error.code === 'kid_unknown';

function refusal(error: unknown): { readonly ok: false; readonly error: VerificationError } {
  if (error instanceof AccessTokenError) return { ok: false, error };
  throw error;
}
