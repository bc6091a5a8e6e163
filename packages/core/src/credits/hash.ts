import { hash } from 'node:crypto';

import { rfc3339 } from '../kernel/clock.ts';
import type { Json } from '../kernel/json.ts';
import { canonicalJson } from './canonical-json.ts';
import { ENTRY_COLUMNS, rowOf, type Entry } from './entry.ts';

/**
 * The hash of an entry, which the next entry of the account carries as its `prev_hash`: whoever knows the newest hash
 * can tell that nothing before it was changed, left out or reordered.
 *
 *     hash = SHA-256( UTF-8( RFC 8785( { "v": 1, …every column of the entry but `hash`, `session_id`, `address`, by its column name } ) ) )
 *
 * Integers are JSON numbers; ids are lower-case UUIDs; `created_at` is RFC 3339 in UTC with milliseconds
 * (`2026-01-15T12:00:00.000Z`); `request_hash` and `prev_hash` are lower-case hex (`prev_hash` of an account's first
 * entry is `""`); `metadata` and `lots` are the JSON itself; what is absent is `null`, never left out, but for the columns
 * that came after the first entries were hashed: `expires_at`, `counterparty_id` and `lots` are left out when absent. `v`
 * is 1 until this description changes. Session and address are left out because they are about a person: a law may ask for
 * them to be erased one day, and then the chain still holds.
 */
export function hashEntry(entry: Omit<Entry, 'hash'>): Buffer {
  const row: Readonly<Record<string, unknown>> = rowOf(entry);
  let members = '';
  for (const { name, written, isLater } of MEMBERS) {
    const value = row[name];
    if (value !== null || !isLater) members += written + canonicalValue(value);
  }
  return sha256(`{${members}"v":1}`);
}

const UNHASHED_COLUMNS: ReadonlySet<string> = new Set(['hash', 'session_id', 'address']);
const LATER_COLUMNS: ReadonlySet<string> = new Set(['expires_at', 'counterparty_id', 'lots']);

/** The order of RFC 8785 is the same for every entry, with `v` at its end: worked out for each, it took longer than the hash. */
const MEMBERS = Object.keys(ENTRY_COLUMNS)
  .filter((name) => !UNHASHED_COLUMNS.has(name))
  .toSorted()
  .map((name) => ({ name, written: `${JSON.stringify(name)}:`, isLater: LATER_COLUMNS.has(name) }));

/** The identity of a request, to tell a repetition from another request under the same key: over its canonical JSON. */
export function hashRequest(request: { readonly [name: string]: Json }): Buffer {
  return sha256(canonicalJson(request));
}

/** With the comma that follows it. */
function canonicalValue(value: unknown): string {
  if (typeof value === 'number') return `${value},`;
  if (value instanceof Date) return `"${rfc3339(value)}",`;
  return Buffer.isBuffer(value) ? `"${value.toString('hex')}",` : `${canonicalJson(value as Json)},`;
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
