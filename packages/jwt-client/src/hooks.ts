/** Calls a hook of the application. Its failure is its own: it must not turn an accepted token into a refused one. */
export function callHook<E>(hook: ((event: E) => void) | undefined, event: E): void {
  if (!hook) return;
  try {
    hook(event);
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
