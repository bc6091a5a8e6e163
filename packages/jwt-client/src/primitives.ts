import type { Eventually } from './eventually.ts';
import type { VerificationKey } from './jwks/jwk.ts';
import type { Algorithm } from './jws/algorithms.ts';
import type { JsonObject } from './jws/json.ts';

/** What differs between Node and the Web; everything else is written once. */
export interface Primitives {
  /**
   * The bytes of a base64url text without padding, RFC 7515 section 2. Decoders skip foreign characters and ignore
   * trailing bits, so many texts give the same bytes; only the one canonical text is accepted, which leaves nobody a
   * second spelling of a valid token. Undefined for any other.
   */
  readonly decode: (base64url: string) => Uint8Array | undefined;
  /** The public key of these members, or undefined when they are none. Strength is judged by the caller. */
  readonly importKey: (members: JsonObject, alg: Algorithm) => Eventually<unknown>;
  readonly verify: (key: VerificationKey, signingInput: string, signature: Uint8Array) => Eventually<boolean>;
  /** The SHA-256 of a token, as a text. */
  readonly digest: (token: string) => Eventually<string>;
}
