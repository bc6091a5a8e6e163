import type { KeySet } from '../jwks/key-set.ts';
import { sizedToken } from '../jws/compact.ts';
import type { Settings } from '../options.ts';
import type { StandardSchemaV1 } from '../standard-schema.ts';
import { acceptClaims } from './accept-claims.ts';
import { accessTokenReader, type SignedClaims } from './access-token.ts';
import { Auth } from './auth.ts';
import { assertNeeds, checkPermissions, type Needs } from './needs.ts';
import { createTokenCache } from './token-cache.ts';
import { checkAge, checkValidity } from './validity.ts';

interface Verified<C> extends SignedClaims {
  readonly auth: Auth<C>;
}

export interface Authorizer<C> {
  /** Who sent this token, judged with the keys at hand. Throws one of our errors; TypeError on unknown needs. */
  authorize(token: unknown, needs: Needs): Auth<C>;
  readonly rememberedTokens: number;
}

export function createAuthorizer<C>(
  settings: Settings,
  keySet: KeySet,
  schema: StandardSchemaV1<unknown, C> | undefined,
): Authorizer<C> {
  const readAccessToken = accessTokenReader(settings.algorithms, (kid) => keySet.find(kid));
  const remembered = createTokenCache<Verified<C>>(settings.cacheEntriesMax);

  function authorize(candidate: unknown, needs: Needs): Auth<C> {
    assertNeeds(needs);
    const token = sizedToken(candidate);
    const nowSeconds = settings.clock() / 1000;
    const { claims, auth } = recall(token, nowSeconds) ?? authenticate(token, nowSeconds);
    if (needs.maxAgeSeconds !== undefined) checkAge(claims, needs.maxAgeSeconds, settings, nowSeconds);
    checkPermissions(auth, needs);
    return auth;
  }

  /** A token verified before, checked again for all that may have changed since: the time and the issuer's keys. */
  function recall(token: string, nowSeconds: number): Verified<C> | undefined {
    const verified = remembered.get(token);
    if (!verified) return undefined;
    if (keySet.find(verified.key.kid) === verified.key) {
      checkValidity(verified.claims, settings, nowSeconds);
      return verified;
    }
    remembered.delete(token);
    return undefined;
  }

  function authenticate(token: string, nowSeconds: number): Verified<C> {
    const { claims, key } = readAccessToken(token);
    checkValidity(claims, settings, nowSeconds);
    const verified = { claims, key, auth: new Auth(claims, acceptClaims(claims, schema)) };
    remembered.set(token, verified);
    return verified;
  }

  return {
    authorize,
    get rememberedTokens() {
      return remembered.size;
    },
  };
}
