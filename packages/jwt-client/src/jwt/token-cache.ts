import { hash } from 'node:crypto';

export interface TokenCache<V> {
  get(token: string): V | undefined;
  set(token: string, verified: V): void;
  delete(token: string): void;
  readonly size: number;
}

/**
 * Remembers verified tokens by their SHA-256, so that the memory holds no usable token.
 * Bounded: the oldest entry leaves first. Only verified tokens enter, so strangers cannot fill it.
 */
export function createTokenCache<V>(entriesMax: number): TokenCache<V> {
  const entries = new Map<string, V>();
  return {
    get: (token) => (entries.size === 0 ? undefined : entries.get(digest(token))),
    set(token, verified) {
      if (entriesMax === 0) return;
      if (entries.size >= entriesMax) dropOldest(entries);
      entries.set(digest(token), verified);
    },
    delete(token) {
      entries.delete(digest(token));
    },
    get size() {
      return entries.size;
    },
  };
}

function dropOldest(entries: Map<string, unknown>): void {
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

/** crypto.hash costs half of createHash on short texts. */
const digest = (token: string) => hash('sha256', token, 'base64');
