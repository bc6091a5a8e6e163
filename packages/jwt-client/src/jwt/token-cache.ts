/**
 * Remembers verified tokens by their SHA-256, so that the memory holds no usable token. Bounded: the oldest entry leaves
 * first. Only verified tokens enter, so strangers cannot fill it.
 */
export type TokenCache<V> = Map<string, V>;

/** Gives the value back. */
export function remember<V>(cache: TokenCache<V>, digest: string, verified: V, entriesMax: number): V {
  const [oldest] = cache.size >= entriesMax ? cache.keys() : [];
  if (oldest !== undefined) cache.delete(oldest);
  cache.set(digest, verified);
  return verified;
}
