/** Calls a hook of the application. Its failure is its own: it must not turn an accepted token into a refused one. */
export function callHook<E>(hook: ((event: E) => void) | undefined, event: E): void {
  try {
    hook?.(event);
  } catch (error) {
    warn(error);
  }
}

/** Says it where the process says such things. */
export function warn(error: unknown): void {
  // Edge runtimes have no process, or half of one.
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (process?.emitWarning) process.emitWarning(error instanceof Error ? error : String(error));
  else console.warn(error); // oxlint-disable-line no-console
}
