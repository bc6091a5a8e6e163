import { AccessTokenError, TokenMalformed } from '../errors/index.ts';

/** Longest token that is looked at. Checked before any decoding, so that a huge header costs nothing. */
const tokenCharactersMax = 8192;

/** A token worth decoding: a string within the size limit. */
export function sizedToken(token: unknown): string {
  if (typeof token !== 'string') throw new TokenMalformed();
  if (token.length <= tokenCharactersMax) return token;
  throw new AccessTokenError('token_too_large');
}
