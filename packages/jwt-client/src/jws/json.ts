import { isUtf8 } from 'node:buffer';
import { TokenMalformed } from '../errors/index.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const depthMax = 8;
const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * A JSON object, parsed strictly: valid UTF-8, no member twice, no `__proto__`, at most 8 levels deep.
 * RFC 7515 section 4 and RFC 7519 section 4 forbid duplicate members; two parsers that choose
 * differently between duplicates would see two different tokens under one signature.
 */
export function parseJsonObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw new TokenMalformed();
  const text = bytes.toString('utf8');
  const value = parse(text);
  if (!isObject(value)) throw new TokenMalformed();
  // JSON.parse keeps one of each pair of duplicates, so the text then has more colons than the value has members.
  if (countColons(text) !== countMembers(value, 1)) throw new TokenMalformed();
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is dropped on purpose: the parser's message quotes the token.
    throw new TokenMalformed();
  }
}

/** Colons outside strings, in a text already known to be JSON. */
function countColons(text: string): number {
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === colon) colons++;
  }
  return colons;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) return at;
    if (char === backslash) at++;
  }
  return text.length;
}

function countMembers(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > depthMax) throw new TokenMalformed();
  return Array.isArray(value) ? countInside(value, depth) : countInObject(value, depth);
}

function countInObject(value: object, depth: number): number {
  const names = Object.keys(value);
  if (names.includes('__proto__')) throw new TokenMalformed();
  return names.length + countInside(Object.values(value), depth);
}

function countInside(values: readonly unknown[], depth: number): number {
  let members = 0;
  for (const value of values) members += countMembers(value, depth + 1);
  return members;
}
