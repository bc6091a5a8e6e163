import { AccessTokenError, TokenMalformed } from '../errors/index.ts';
import { type Eventually, andThen } from '../eventually.ts';
import type { VerificationKey } from '../jwks/jwk.ts';
import type { Primitives } from '../primitives.ts';
import type { Algorithm } from './algorithms.ts';
import { type JwsHeader, parseHeader } from './header.ts';
import { type JsonObject, parseJsonObject } from './json.ts';

export interface Signed {
  readonly payload: JsonObject;
  readonly key: VerificationKey;
}

const headersMax = 32;

/**
 * Reads the payload of a JWS in Compact Serialization (RFC 7515 section 7.1) whose signature is right, RFC 9068 section 4:
 * header first, then the key it names, then the signature; the payload is not parsed before the signature holds. `type`
 * is the `typ` that the header must carry, so that one kind of JWT never passes for another: RFC 8725 section 3.11.
 */
export function jwsReader(
  { decode, verify }: Primitives,
  algorithms: readonly Algorithm[],
  type: string,
  findKey: (kid: string) => VerificationKey,
): (text: string) => Eventually<Signed> {
  // All tokens of one key share one header text. Only headers under a right signature are remembered.
  const headers = new Map<string, JwsHeader>();

  return function readJws(text) {
    // Five parts (JWE) and the JSON serializations are refused: a further dot is no character of base64url.
    const headerEnd = text.indexOf('.');
    const payloadEnd = text.indexOf('.', headerEnd + 1);
    const payload = decode(text.slice(headerEnd + 1, payloadEnd));
    const signature = decode(text.slice(payloadEnd + 1));
    if (headerEnd < 1 || payloadEnd < 0 || !payload || !signature) throw new TokenMalformed();
    const encoded = text.slice(0, headerEnd);
    const known = headers.get(encoded);
    const header = known ?? parseHeader(parseJsonObject(decode(encoded)), algorithms, type);
    const key = findKey(header.kid);
    if (key.alg !== header.alg) throw new AccessTokenError('algorithm_not_allowed');
    // What was signed is `header.payload` as sent, RFC 7515 section 5.2 step 8.
    return andThen(verify(key, text.slice(0, payloadEnd), signature), (isRight) => {
      if (!isRight) throw new AccessTokenError('signature_invalid');
      if (!known && headers.size >= headersMax) headers.clear();
      headers.set(encoded, header);
      return { payload: parseJsonObject(payload), key };
    });
  };
}
