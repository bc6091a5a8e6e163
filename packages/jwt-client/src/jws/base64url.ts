import { TokenMalformed } from '../errors/index.ts';

/**
 * The bytes of a base64url text without padding, RFC 7515 section 2.
 * Decoding skips foreign characters and ignores trailing bits, so many texts give the same bytes;
 * only the one canonical text is accepted, which leaves nobody a second spelling of a valid token.
 */
export function decodeBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new TokenMalformed();
  return bytes;
}
