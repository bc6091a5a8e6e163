import { AccessTokenError } from '../errors/index.ts';
import type { AccessTokenClaims } from './claims.ts';

export interface Expectations {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenAgeSeconds: number;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/**
 * Is this token from the expected issuer, for this audience, and valid at this moment? RFC 9068 section 4.
 * Asked again each time the token is used, also when its signature is remembered.
 */
export function checkValidity(claims: AccessTokenClaims, expected: Expectations, ageSecondsMax = Infinity): void {
  if (claims.iss !== expected.issuer) throw new AccessTokenError('issuer_mismatch');
  const { aud } = claims;
  const { audience, clockToleranceSeconds: tolerance } = expected;
  const nowSeconds = expected.clock() / 1000;
  const isForUs = typeof aud === 'string' ? audience.includes(aud) : aud.some((name) => audience.includes(name));
  if (!isForUs) throw new AccessTokenError('audience_mismatch');
  // Each test states what must hold, so that a clock that answers NaN refuses instead of accepting.
  if (!(nowSeconds < claims.exp + tolerance)) throw new AccessTokenError('token_expired');
  if (!(nowSeconds >= claims.iat - tolerance)) throw new AccessTokenError('token_issued_in_future');
  if (claims.nbf !== undefined && !(nowSeconds >= claims.nbf - tolerance))
    throw new AccessTokenError('token_not_yet_valid');
  if (!(nowSeconds - claims.iat <= Math.min(ageSecondsMax, expected.maxTokenAgeSeconds) + tolerance))
    throw new AccessTokenError('token_too_old');
}
