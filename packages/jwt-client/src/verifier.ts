import { AccessTokenError, type VerificationError } from './errors/index.ts';
import { callHook } from './hooks.ts';
import type { IssuerStatus } from './issuer/issuer.ts';
import { openIssuer } from './issuer/open.ts';
import { lacksKey, withNewestKeys } from './jwks/newest-keys.ts';
import type { Auth } from './jwt/auth.ts';
import { createAuthorizer } from './jwt/authorizer.ts';
import type { AccessTokenClaims } from './jwt/claims.ts';
import type { Needs } from './jwt/needs.ts';
import { parseOptions, type VerifierOptions } from './options.ts';
import type { Primitives } from './primitives.ts';

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

export interface VerifierStatus extends IssuerStatus {
  readonly rememberedTokens: number;
}

/** A verifier on the crypto of a platform. With promises in it, verifySync() is of no use and kept from the caller. */
export function openVerifier<C>(options: VerifierOptions<C>, primitives: Primitives): Verifier<C> {
  const settings = parseOptions(options as VerifierOptions<never>);
  const closing = new AbortController();
  const issuer = openIssuer(settings, primitives, closing.signal);
  const { authorize, cache } = createAuthorizer(settings, primitives, issuer, options.claims);

  function accepted(auth: Auth<C>): Auth<C> {
    callHook(settings.on.verified, auth);
    return auth;
  }

  /** Throws the error on, after the hook has heard of it. What is no refusal is a fault in the program. */
  function refused(error: unknown): never {
    if (error instanceof AccessTokenError) callHook(settings.on.rejected, error);
    throw error;
  }

  const verify = (token: string, needs: Needs = {}): Promise<Auth<C>> =>
    withNewestKeys(issuer, () => authorize(token, needs)).then(accepted, refused);

  return {
    verify,
    verifySync(token, needs = {}) {
      void issuer().revalidate();
      try {
        return accepted(authorize(token, needs) as Auth<C>);
      } catch (error) {
        // A key published since the last fetch is on its way: "try again" is true, "unknown" may not be.
        const isOnItsWay = lacksKey(error) && issuer().refetch();
        return refused(isOnItsWay ? new AccessTokenError('keys_unavailable') : error);
      }
    },
    async safeVerify(token, needs) {
      try {
        return { ok: true, auth: await verify(token, needs) };
      } catch (error) {
        if (error instanceof AccessTokenError) return { ok: false, error };
        throw error;
      }
    },
    async ready() {
      await issuer().revalidate();
      issuer().assertUsable();
    },
    status: () => ({ ...issuer().status(), rememberedTokens: cache.size }),
    close: () => closing.abort(new Error('The verifier was closed')),
  };
}
