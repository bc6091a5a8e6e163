import type { Algorithm } from '../jws/algorithms.ts';
import type { Primitives } from '../primitives.ts';

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const pss = { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 };
const ecdsa = { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' };
const schemes: Readonly<Record<Algorithm, typeof rsa>> = { RS256: rsa, PS256: pss, ES256: ecdsa };

// By the function that takes it: this type has no name outside the DOM library.
type CryptoKey = Parameters<typeof crypto.subtle.verify>[1];

const bytesOf = (text: string) => new TextEncoder().encode(text);
const binary = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const bytesToBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const chunkBytes = 8192;

/** WebCrypto, as edge runtimes and browsers have it. ECDSA takes the raw `r || s` of JWS as it is. */
export const webPrimitives = {
  decode(text) {
    if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
    const bytes = binary(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
    return encode(bytes) === text ? bytes : undefined;
  },
  async importKey(members, alg) {
    try {
      return await crypto.subtle.importKey('jwk', members as Record<string, string>, schemes[alg], false, ['verify']);
    } catch {
      return undefined;
    }
  },
  verify: ({ alg, key }, input, signature) =>
    crypto.subtle.verify(schemes[alg], key as CryptoKey, signature, bytesOf(input)),
  digest: async (token) => bytesToBase64(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(token)))),
} satisfies Primitives;

/** In pieces of whole groups of three bytes: a call takes only so many arguments. */
function encode(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3 * chunkBytes)
    text += bytesToBase64(bytes.subarray(at, at + 3 * chunkBytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
