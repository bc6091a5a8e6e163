import type { KeyRing } from '../keys/index.ts';
import type { Scope } from '../scope.ts';
import { buildClaims, type TokenSubject } from './claims.ts';
import { signJws } from './sign.ts';

/** Tokens made together do not all expire together. */
const LIFETIME_JITTER = 0.05;

export interface AccessToken {
  token: string;
  expiresInSeconds: number;
}

/**
 * Signs an access token (RFC 9068) that lives for the configured time, less up to 5 percent of it.
 *
 * @throws NoSigningKey
 */
export function issueAccessToken(scope: Scope, keys: KeyRing, subject: TokenSubject): AccessToken {
  const { settings } = scope;
  const expiresInSeconds = Math.ceil(settings.accessTokenTtlSeconds * (1 - Math.random() * LIFETIME_JITTER));
  const claims = buildClaims(subject, {
    issuer: settings.issuer,
    audience: settings.audience,
    tokenId: scope.newId(),
    expiresAt: subject.issuedAt + expiresInSeconds,
  });
  return { token: signJws(keys, 'at+jwt', claims), expiresInSeconds };
}
