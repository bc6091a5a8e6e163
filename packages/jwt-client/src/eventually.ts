/** Now on Node, whose crypto answers at once; later on the Web, whose crypto answers with promises. */
export type Eventually<T> = T | Promise<T>;

/** Goes on with the value: at once when it is there, so that one code serves both. */
export function andThen<T, R>(value: Eventually<T>, use: (value: T) => Eventually<R>): Eventually<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
