/** The innermost cause of an error. Outer ones quote statements and values; of several tries the first tells why. */
export function rootCause(error: unknown): Error {
  let at = error instanceof Error ? error : new Error(String(error));
  while (at.cause instanceof Error) at = at.cause;
  return at instanceof AggregateError && at.errors[0] instanceof Error ? rootCause(at.errors[0]) : at;
}
