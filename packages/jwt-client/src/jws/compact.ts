import { TokenMalformed, TokenTooLarge } from '../errors/index.ts';
import { decodeBase64url } from './base64url.ts';

/** Longest token that is looked at. Checked before any decoding, so that a huge header costs nothing. */
const tokenCharactersMax = 8192;

export interface CompactJws {
  /** The protected header, still in base64url. */
  readonly header: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** What was signed: `header.payload` as sent, RFC 7515 section 5.2 step 8. */
  readonly signingInput: Buffer;
}

/** A token worth decoding: a string within the size limit. */
export function sizedToken(token: unknown): string {
  if (typeof token !== 'string') throw new TokenMalformed();
  if (token.length > tokenCharactersMax) throw new TokenTooLarge();
  return token;
}

/**
 * Takes the JWS Compact Serialization apart, RFC 7515 section 7.1, believing none of it yet.
 * Five parts (JWE) and the JSON serializations are refused: a further dot is no character of base64url.
 */
export function parseCompact(token: string): CompactJws {
  const headerEnd = token.indexOf('.');
  const payloadEnd = token.indexOf('.', headerEnd + 1);
  if (headerEnd < 1 || payloadEnd < 0) throw new TokenMalformed();
  return {
    header: token.slice(0, headerEnd),
    payload: decodeBase64url(token.slice(headerEnd + 1, payloadEnd)),
    signature: decodeBase64url(token.slice(payloadEnd + 1)),
    signingInput: Buffer.from(token.slice(0, payloadEnd), 'latin1'),
  };
}
