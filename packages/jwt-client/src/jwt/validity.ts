import { AccessTokenError } from '../errors/index.ts';
import type { AccessTokenClaims } from './claims.ts';

export interface Expectations {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly clockToleranceSeconds: number;
  readonly maxTokenAgeSeconds: number;
}

/**
 * Is this token from the expected issuer, for this audience, and valid at this moment? RFC 9068 section 4.
 * Asked again each time the token is used, also when its signature is remembered.
 */
export function checkValidity(claims: AccessTokenClaims, expected: Expectations, nowSeconds: number): void {
  if (claims.iss !== expected.issuer) throw new AccessTokenError('issuer_mismatch');
  if (!isFor(claims.aud, expected.audiences)) throw new AccessTokenError('audience_mismatch');
  const { clockToleranceSeconds: tolerance } = expected;
  // Each test states what must hold, so that a clock that answers NaN refuses instead of accepting.
  if (!(nowSeconds < claims.exp + tolerance)) throw new AccessTokenError('token_expired');
  if (!(nowSeconds >= claims.iat - tolerance)) throw new AccessTokenError('token_issued_in_future');
  if (claims.nbf !== undefined && !(nowSeconds >= claims.nbf - tolerance))
    throw new AccessTokenError('token_not_yet_valid');
  checkAge(claims, expected.maxTokenAgeSeconds, expected, nowSeconds);
}

/** Refuses a token that was issued more than `ageSecondsMax` (and the clock tolerance) ago. */
export function checkAge(
  claims: AccessTokenClaims,
  ageSecondsMax: number,
  { clockToleranceSeconds }: Pick<Expectations, 'clockToleranceSeconds'>,
  nowSeconds: number,
): void {
  if (!(nowSeconds - claims.iat <= ageSecondsMax + clockToleranceSeconds)) throw new AccessTokenError('token_too_old');
}

function isFor(audience: AccessTokenClaims['aud'], accepted: readonly string[]): boolean {
  if (typeof audience === 'string') return accepted.includes(audience);
  return audience.some((name) => accepted.includes(name));
}
