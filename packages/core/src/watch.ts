/** Something that is done again and again until stopped. */
export interface Watch {
  /** Resolves when nothing of it is running any more. */
  stop(): Promise<void>;
}

/** Runs `look` every `everyMs`, one at a time. A look that fails is made again: what was known stays known. */
export function watch(look: () => Promise<void>, everyMs: number): Watch {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const again = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = look()
        .catch(() => undefined)
        .then(again);
    }, everyMs).unref();
  };
  again();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
