export interface TokenCache<V> {
  get(digest: string): V | undefined;
  set(digest: string, verified: V): void;
  delete(digest: string): void;
  readonly size: number;
}

/**
 * Remembers verified tokens by their SHA-256, so that the memory holds no usable token.
 * Bounded: the oldest entry leaves first. Only verified tokens enter, so strangers cannot fill it.
 */
export function createTokenCache<V>(entriesMax: number): TokenCache<V> {
  const entries = new Map<string, V>();
  return {
    get: (digest) => entries.get(digest),
    set(digest, verified) {
      const [oldest] = entries.size >= entriesMax ? entries.keys() : [];
      if (oldest !== undefined) entries.delete(oldest);
      if (entriesMax > 0) entries.set(digest, verified);
    },
    delete: (digest) => void entries.delete(digest),
    get size() {
      return entries.size;
    },
  };
}
