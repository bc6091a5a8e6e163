/** A value with the moment of the steady clock until which it is kept. */
export type Kept<T> = T & { readonly untilMs: number };

/** Values that are each forgotten after a while. */
export interface Forgetting<T> {
  get(key: string): T | undefined;
  /** Kept for `lifetimeMs` from now, or longer when it was to be kept longer before. */
  set(key: string, value: T, lifetimeMs: number): void;
  /** Drops what has had its time. @returns how many */
  forget(): number;
  entries(): Kept<T>[];
}

/** @param elapsedMs a clock that nobody can set: what was to be kept for a quarter of an hour is kept for that long */
export function forgetting<T extends object>(elapsedMs: () => number): Forgetting<T> {
  const kept = new Map<string, Kept<T>>();
  return {
    get: (key) => kept.get(key),
    set(key, value, lifetimeMs) {
      const untilMs = Math.max(elapsedMs() + lifetimeMs, kept.get(key)?.untilMs ?? 0);
      kept.set(key, { ...value, untilMs });
    },
    forget() {
      const before = kept.size;
      for (const [key, { untilMs }] of kept) if (untilMs <= elapsedMs()) kept.delete(key);
      return before - kept.size;
    },
    entries: () => [...kept.values()],
  };
}
