import { AccessTokenError, KeysUnavailable, type VerificationError } from './errors/index.ts';
import { callHook } from './hooks.ts';
import type { KeySetStatus } from './jwks/key-set.ts';
import { openKeySet } from './jwks/open.ts';
import type { Auth } from './jwt/auth.ts';
import { createAuthorizer } from './jwt/authorizer.ts';
import type { AccessTokenClaims } from './jwt/claims.ts';
import type { Needs } from './jwt/needs.ts';
import { parseOptions, type VerifierOptions } from './options.ts';

export type Outcome<C> =
  | { readonly ok: true; readonly auth: Auth<C> }
  | { readonly ok: false; readonly error: VerificationError };

export interface Verifier<C = AccessTokenClaims> {
  /**
   * Who sent this token. Waits for the network only when the keys are not loaded, too old, or lack the token's key.
   * Rejects with a VerificationError: `error.status` and `error.toProblem()` answer the request.
   */
  verify(token: string, needs?: Needs): Promise<Auth<C>>;
  /** As verify(), without waiting: throws KeysUnavailable until the keys are loaded, so await ready() first. */
  verifySync(token: string, needs?: Needs): Auth<C>;
  /** As verify(), with the refusal as a value. */
  safeVerify(token: string, needs?: Needs): Promise<Outcome<C>>;
  /** Resolves once the keys are loaded; rejects with KeysUnavailable. Call it at start, or let the first token do it. */
  ready(): Promise<void>;
  status(): VerifierStatus;
  /** Ends all network activity. */
  close(): void;
}

export interface VerifierStatus {
  readonly keys: KeySetStatus;
  readonly rememberedTokens: number;
}

/**
 * Makes a verifier for access tokens of one issuer (RFC 9068, JWT profile for access tokens). One per process:
 * it keeps the issuer's keys and recently verified tokens. Throws TypeError on options that are missing or unsafe.
 */
export function createVerifier<C = AccessTokenClaims>(options: VerifierOptions<C>): Verifier<C> {
  const settings = parseOptions(options as VerifierOptions<never>);
  const hooks = options.on ?? {};
  const keySet = openKeySet(settings, (event) => callHook(hooks.jwks, event));
  const authorizer = createAuthorizer(settings, keySet, options.claims);

  function attempt(token: string, needs: Needs): Outcome<C> {
    try {
      return { ok: true, auth: authorizer.authorize(token, needs) };
    } catch (error) {
      if (!(error instanceof AccessTokenError)) throw error;
      return { ok: false, error };
    }
  }

  function report(outcome: Outcome<C>): Outcome<C> {
    if (outcome.ok) callHook(hooks.verified, outcome.auth);
    else callHook(hooks.rejected, outcome.error);
    return outcome;
  }

  async function safeVerify(token: string, needs: Needs = {}): Promise<Outcome<C>> {
    await keySet.revalidate();
    const outcome = attempt(token, needs);
    const refetch = lacksKey(outcome) ? keySet.refetch() : undefined;
    if (!refetch) return report(outcome);
    await refetch;
    return report(attempt(token, needs));
  }

  function attemptSync(token: string, needs: Needs): Outcome<C> {
    void keySet.revalidate();
    const outcome = attempt(token, needs);
    // A key published since the last fetch is on its way: "try again" is true, "unknown" may not be.
    if (!lacksKey(outcome) || !keySet.refetch()) return outcome;
    return { ok: false, error: new KeysUnavailable({ retryAfterSeconds: 1 }) };
  }

  return {
    verify: async (token, needs) => unwrap(await safeVerify(token, needs)),
    verifySync: (token, needs = {}) => unwrap(report(attemptSync(token, needs))),
    safeVerify,
    ready: () => keySet.ready(),
    status: () => ({ keys: keySet.status(), rememberedTokens: authorizer.rememberedTokens }),
    close: () => keySet.close(),
  };
}

function lacksKey(outcome: Outcome<unknown>): boolean {
  return !outcome.ok && outcome.error.code === 'kid_unknown';
}

function unwrap<C>(outcome: Outcome<C>): Auth<C> {
  if (outcome.ok) return outcome.auth;
  throw outcome.error;
}
