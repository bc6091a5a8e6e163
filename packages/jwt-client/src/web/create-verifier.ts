import type { AccessTokenClaims } from '../jwt/claims.ts';
import type { VerifierOptions } from '../options.ts';
import { type AsyncVerifier, openVerifier } from '../verifier.ts';
import { webPrimitives } from './primitives.ts';

/**
 * As createVerifier of `@org/jwt-client`, on WebCrypto: for edge runtimes, Deno, Bun and browsers. The same options and
 * the same checks; there is no verifySync(), because WebCrypto answers with promises.
 */
export function createVerifier<C = AccessTokenClaims>(options: VerifierOptions<C>): AsyncVerifier<C> {
  const { verify, safeVerify, ready, status, close } = openVerifier(options, webPrimitives);
  return { verify, safeVerify, ready, status, close };
}
