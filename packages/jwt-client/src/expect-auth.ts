import type { Auth } from './jwt/auth.ts';

/** The auth that a middleware left, or an error for the programmer who forgot the middleware. */
export function expectAuth(auth: Auth<unknown> | undefined): Auth<unknown> {
  if (auth) return auth;
  throw new Error('No auth on this request: put auth(verifier) before this route');
}
