import { AccessTokenError } from '../errors/index.ts';
import { type Eventually, andThen } from '../eventually.ts';
import type { VerificationKey } from '../jwks/jwk.ts';
import type { Primitives } from '../primitives.ts';
import type { Algorithm } from './algorithms.ts';
import { parseCompact } from './compact.ts';
import { type JwsHeader, parseHeader } from './header.ts';
import { type JsonObject, parseJsonObject } from './json.ts';

export interface Signed {
  readonly payload: JsonObject;
  readonly key: VerificationKey;
}

export interface ReaderOptions {
  readonly primitives: Primitives;
  readonly algorithms: readonly Algorithm[];
  /** The `typ` that the header must carry, so that one kind of JWT never passes for another: RFC 8725 section 3.11. */
  readonly type: string;
  readonly findKey: (kid: string) => VerificationKey;
}

const headersMax = 32;

/**
 * Reads the payload of a JWS whose signature is right, RFC 9068 section 4: header first, then the key it
 * names, then the signature; the payload is not parsed before the signature holds.
 */
export function jwsReader({
  primitives,
  algorithms,
  type,
  findKey,
}: ReaderOptions): (text: string) => Eventually<Signed> {
  const { decode, verify } = primitives;
  // All tokens of one key share one header text. Only headers under a right signature are remembered.
  const headers = new Map<string, JwsHeader>();

  return function readJws(text) {
    const jws = parseCompact(text, decode);
    const known = headers.get(jws.header);
    const header = known ?? parseHeader(parseJsonObject(decode(jws.header)), algorithms, type);
    const key = findKey(header.kid);
    if (key.alg !== header.alg) throw new AccessTokenError('algorithm_not_allowed');
    return andThen(verify(key, jws.signingInput, jws.signature), (isRight) => {
      if (!isRight) throw new AccessTokenError('signature_invalid');
      if (!known && headers.size >= headersMax) headers.clear();
      headers.set(jws.header, header);
      return { payload: parseJsonObject(jws.payload), key };
    });
  };
}
