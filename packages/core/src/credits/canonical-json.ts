import type { Json } from '../kernel/json.ts';

/**
 * RFC 8785 (JSON Canonicalization Scheme): no white space, members sorted by UTF-16 code units, numbers and strings as
 * ECMAScript writes them. Equal values have equal texts, whichever database has stored and reordered them.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}
