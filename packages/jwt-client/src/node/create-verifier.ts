import type { AccessTokenClaims } from '../jwt/claims.ts';
import type { VerifierOptions } from '../options.ts';
import { openVerifier, type Verifier } from '../verifier.ts';
import { nodePrimitives } from './primitives.ts';

/**
 * Makes a verifier for access tokens of one issuer (RFC 9068, JWT profile for access tokens). One per process:
 * it keeps the issuer's keys, its revocations and recently verified tokens. Throws TypeError on options that are
 * missing or unsafe.
 */
export function createVerifier<C = AccessTokenClaims>(options: VerifierOptions<C>): Verifier<C> {
  return openVerifier(options, nodePrimitives);
}
