import { createHash } from 'node:crypto';

import type { Json } from '../kernel/json.ts';
import { canonicalJson } from './canonical-json.ts';
import { rowOf, type Entry } from './entry.ts';

/**
 * The hash of an entry, which the next entry of the account carries as its `prev_hash`: whoever knows the newest hash
 * can tell that nothing before it was changed, left out or reordered.
 *
 *     hash = SHA-256( UTF-8( RFC 8785( { "v": 1, …every column of the entry but `hash`, by its column name } ) ) )
 *
 * Integers are JSON numbers; ids are lower-case UUIDs; `created_at` is RFC 3339 in UTC with milliseconds
 * (`2026-01-15T12:00:00.000Z`); `request_hash` and `prev_hash` are lower-case hex (`prev_hash` of an account's first
 * entry is `""`); `metadata` is the JSON object itself; what is absent is `null`, never left out. `v` is 1 until this
 * description changes.
 */
export function hashEntry(entry: Omit<Entry, 'hash'>): Buffer {
  const fields = Object.entries(rowOf(entry)).map(([name, value]): [string, Json] => [name, written(value)]);
  return sha256(canonicalJson(Object.fromEntries([['v', 1], ...fields])));
}

/** The identity of a request, to tell a repetition from another request under the same key: over its canonical JSON. */
export function hashRequest(request: { readonly [name: string]: Json }): Buffer {
  return sha256(canonicalJson(request));
}

function written(value: unknown): Json {
  if (value instanceof Date) return value.toISOString();
  return Buffer.isBuffer(value) ? value.toString('hex') : (value as Json);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
