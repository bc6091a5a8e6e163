import { TokenMalformed, TokenMissing } from './errors/index.ts';

/**
 * The token of an `Authorization: Bearer` header, RFC 6750 section 2.1. Throws TokenMissing when there is no
 * such header. Tokens in the query or the body are never read: addresses end up in logs and histories.
 */
export function bearerToken(authorization: string | null | undefined): string {
  if (!authorization) throw new TokenMissing();
  const [scheme = '', token, ...rest] = authorization.split(/ +/, 3);
  if (scheme.toLowerCase() !== 'bearer') throw new TokenMissing();
  if (!token || rest.length > 0) throw new TokenMalformed();
  return token;
}
