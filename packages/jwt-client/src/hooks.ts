/** Calls a hook of the application. Its failure is its own: it must not turn an accepted token into a refused one. */
export function callHook<E>(hook: ((event: E) => void) | undefined, event: E): void {
  try {
    hook?.(event);
  } catch (error) {
    warn(error instanceof Error ? error : String(error));
  }
}

function warn(error: Error | string): void {
  // Edge runtimes have no process, or half of one.
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (process?.emitWarning) process.emitWarning(error);
  else console.warn(error); // oxlint-disable-line no-console
}
