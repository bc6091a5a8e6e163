type End = () => Promise<void>;

/** Remembers how to end what was started. */
export interface Cleanup {
  /** Gives back `end` for whoever is done earlier; it runs once. */
  keep(end: End): End;
  /** Ends everything, the youngest first. */
  all(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const ends: End[] = [];
  return {
    keep(end) {
      let ended: Promise<void> | undefined;
      const once: End = async () => (ended ??= end());
      ends.push(once);
      return once;
    },
    async all() {
      for (const end of ends.toReversed()) await end();
    },
  };
}
