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

/**
 * Runs `work` one at a time. Whoever asks while it runs shares the run after it, which begins after the asking: what was
 * true then is seen by it.
 */
export function takingTurns(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    following = undefined;
    running = work().finally(() => (running = undefined));
    return running;
  };
  return async () => {
    if (running === undefined) return start();
    following ??= running.catch(() => undefined).then(start);
    return following;
  };
}
