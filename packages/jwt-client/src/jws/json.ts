import { TokenMalformed } from '../errors/index.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const depthMax = 8;
const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
// A byte order mark stays in the text, where JSON does not allow it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A JSON object, frozen, parsed strictly: valid UTF-8, no member twice, no `__proto__`, at most 8 levels deep.
 * RFC 7515 section 4 and RFC 7519 section 4 forbid duplicate members; two parsers that choose
 * differently between duplicates would see two different tokens under one signature.
 */
export function parseJsonObject(bytes: Uint8Array | undefined): JsonObject {
  let text = '';
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    // What cannot be parsed is no object. The cause is dropped on purpose: the parser's message quotes the token.
  }
  // JSON.parse keeps one of each pair of duplicates, so the text then has more colons than the value has members.
  if (!isObject(value) || countColons(text) !== countMembers(value, 1)) throw new TokenMalformed();
  return value;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Colons outside strings, in a text already known to be JSON: a backslash stands in strings only. */
function countColons(text: string): number {
  let colons = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === backslash) at++;
    else if (char === quote) inString = !inString;
    else if (char === colon && !inString) colons++;
  }
  return colons;
}

/** Freezes on the way: what was signed is not changed afterwards, by whichever request. */
function countMembers(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > depthMax || Object.hasOwn(value, '__proto__')) throw new TokenMalformed();
  const inside: readonly unknown[] = Object.values(value);
  Object.freeze(value);
  let members = Array.isArray(value) ? 0 : inside.length;
  for (const inner of inside) if (typeof inner === 'object') members += countMembers(inner, depth + 1);
  return members;
}
