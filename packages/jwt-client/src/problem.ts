import type { AccessTokenError } from './errors/index.ts';

/** The headers that answer a refusal: the challenge (RFC 6750) or `Retry-After`, never cached. */
export function problemHeaders(error: AccessTokenError): Record<string, string> {
  const challenge = error.toWwwAuthenticate();
  return {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    ...(error.retryAfterSeconds !== undefined && { 'Retry-After': String(error.retryAfterSeconds) }),
  };
}
