/** A value that is mostly there at once. To wait for what is there costs a turn and a handful of objects, too much for something done for each file. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once if it is there. */
export function whenDone<T, R>(value: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
