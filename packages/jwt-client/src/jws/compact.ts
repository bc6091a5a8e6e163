import { AccessTokenError, TokenMalformed } from '../errors/index.ts';
import type { Primitives } from '../primitives.ts';

/** Longest token that is looked at. Checked before any decoding, so that a huge header costs nothing. */
const tokenCharactersMax = 8192;

export interface CompactJws {
  /** The protected header, still in base64url. */
  readonly header: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** What was signed: `header.payload` as sent, RFC 7515 section 5.2 step 8. */
  readonly signingInput: string;
}

/** A token worth decoding: a string within the size limit. */
export function sizedToken(token: unknown): string {
  if (typeof token !== 'string') throw new TokenMalformed();
  if (token.length > tokenCharactersMax) throw new AccessTokenError('token_too_large');
  return token;
}

/**
 * Takes the JWS Compact Serialization apart, RFC 7515 section 7.1, believing none of it yet.
 * Five parts (JWE) and the JSON serializations are refused: a further dot is no character of base64url.
 */
export function parseCompact(token: string, decode: Primitives['decode']): CompactJws {
  const headerEnd = token.indexOf('.');
  const payloadEnd = token.indexOf('.', headerEnd + 1);
  const payload = decode(token.slice(headerEnd + 1, payloadEnd));
  const signature = decode(token.slice(payloadEnd + 1));
  if (headerEnd < 1 || payloadEnd < 0 || !payload || !signature) throw new TokenMalformed();
  return { header: token.slice(0, headerEnd), payload, signature, signingInput: token.slice(0, payloadEnd) };
}
