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
import { checkValidity } from './validity.ts';

interface Verified<C> {
  readonly key: Signed['key'];
  readonly claims: AccessTokenClaims;
  readonly auth: Auth<C>;
}

export interface Authorizer<C> {
  /** Who sent this token, judged by what is at hand. Throws one of our errors; TypeError on unknown needs. */
  readonly authorize: (token: unknown, needs: Needs) => Eventually<Auth<C>>;
  /** The tokens that are remembered. */
  readonly cache: { readonly size: number };
}

/** `issuer` answers with the issuer as it is known at the moment. */
export function createAuthorizer<C>(
  settings: Settings,
  primitives: Primitives,
  issuer: () => Issuer,
  schema: StandardSchemaV1<unknown, C> | undefined,
): Authorizer<C> {
  const { entriesMax } = settings;
  const readJws = jwsReader(primitives, settings.algorithms, 'at+jwt', (kid) => issuer().find(kid));
  // By the SHA-256 of the token, so that the memory holds no usable token. Bounded: the oldest entry leaves first. Only
  // verified tokens enter, so strangers cannot fill it.
  const cache = new Map<string, Verified<C>>();

  function authorize(candidate: unknown, needs: Needs): Eventually<Auth<C>> {
    assertNeeds(needs);
    const token = sizedToken(candidate);
    const verifying = entriesMax === 0 ? authenticate(token) : andThen(primitives.digest(token), recall);
    return andThen(verifying, (verified) => admit(verified, needs));

    /** A token verified before, unless its key is no longer the issuer's. */
    function recall(digest: string): Eventually<Verified<C>> {
      const known = cache.get(digest);
      if (known && issuer().find(known.key.kid) === known.key) return known;
      return andThen(authenticate(token), (verified) => {
        if (cache.size >= entriesMax) cache.delete(cache.keys().next().value as string);
        cache.set(digest, verified);
        return verified;
      });
    }
  }

  function authenticate(token: string): Eventually<Verified<C>> {
    return andThen(readJws(token), ({ key, payload }) => {
      const claims = parseClaims(payload);
      // Before the schema of the application sees the claims: it may trust that they are for it, and of now.
      checkValidity(claims, settings);
      return { key, claims, auth: new Auth(claims, acceptClaims(claims, schema)) };
    });
  }

  /** All that may have changed since the signature was checked: the time, the revocations, and what is asked for. */
  function admit({ claims, auth }: Verified<C>, needs: Needs): Auth<C> {
    checkValidity(claims, settings, needs.maxAgeSeconds);
    if (issuer().isRevoked(claims)) throw new AccessTokenError('token_revoked');
    checkPermissions(auth, needs);
    return auth;
  }

  return { authorize, cache };
}
