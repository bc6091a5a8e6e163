import { AccessTokenError } from '../errors/index.ts';
import { type Eventually, andThen } from '../eventually.ts';
import type { Issuer } from '../issuer/issuer.ts';
import { sizedToken } from '../jws/compact.ts';
import { jwsReader, type Signed } from '../jws/reader.ts';
import type { Settings } from '../options.ts';
import type { Primitives } from '../primitives.ts';
import type { StandardSchemaV1 } from '../standard-schema.ts';
import { acceptClaims } from './accept-claims.ts';
import { Auth } from './auth.ts';
import { type AccessTokenClaims, parseClaims } from './claims.ts';
import { assertNeeds, checkPermissions, type Needs } from './needs.ts';
import { remember, type TokenCache } from './token-cache.ts';
import { checkAge, checkValidity } from './validity.ts';

interface Verified<C> {
  readonly key: Signed['key'];
  readonly claims: AccessTokenClaims;
  readonly auth: Auth<C>;
}

export interface Authorizer<C> {
  /** Who sent this token, judged by what is at hand. Throws one of our errors; TypeError on unknown needs. */
  readonly authorize: (token: unknown, needs: Needs) => Eventually<Auth<C>>;
  readonly rememberedTokens: () => number;
}

export interface AuthorizerOptions<C> {
  readonly settings: Settings;
  readonly primitives: Primitives;
  /** As it is known at the moment. */
  readonly issuer: () => Issuer;
  readonly schema: StandardSchemaV1<unknown, C> | undefined;
}

export function createAuthorizer<C>({ settings, primitives, issuer, schema }: AuthorizerOptions<C>): Authorizer<C> {
  const { algorithms, cacheEntriesMax } = settings;
  const readJws = jwsReader({ primitives, algorithms, type: 'at+jwt', findKey: (kid) => issuer().find(kid) });
  const cache: TokenCache<Verified<C>> = new Map();

  function authorize(candidate: unknown, needs: Needs): Eventually<Auth<C>> {
    assertNeeds(needs);
    const token = sizedToken(candidate);
    const verifying = cacheEntriesMax === 0 ? authenticate(token) : andThen(primitives.digest(token), recall);
    return andThen(verifying, (verified) => admit(verified, needs));

    /** A token verified before, unless its key is no longer the issuer's. */
    function recall(digest: string): Eventually<Verified<C>> {
      const known = cache.get(digest);
      if (known && issuer().find(known.key.kid) === known.key) return known;
      return andThen(authenticate(token), (verified) => remember(cache, digest, verified, cacheEntriesMax));
    }
  }

  function authenticate(token: string): Eventually<Verified<C>> {
    return andThen(readJws(token), ({ key, payload }) => {
      const claims = parseClaims(payload);
      // Before the schema of the application sees the claims: it may trust that they are for it, and of now.
      checkValidity(claims, settings, settings.clock() / 1000);
      return { key, claims, auth: new Auth(claims, acceptClaims(claims, schema)) };
    });
  }

  /** All that may have changed since the signature was checked: the time, the revocations, and what is asked for. */
  function admit({ claims, auth }: Verified<C>, needs: Needs): Auth<C> {
    const nowSeconds = settings.clock() / 1000;
    checkValidity(claims, settings, nowSeconds);
    if (issuer().isRevoked(claims)) throw new AccessTokenError('token_revoked');
    if (needs.maxAgeSeconds !== undefined) checkAge(claims, needs.maxAgeSeconds, settings, nowSeconds);
    checkPermissions(auth, needs);
    return auth;
  }

  return { authorize, rememberedTokens: () => cache.size };
}
