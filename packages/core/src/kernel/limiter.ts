import { DomainError } from './errors.ts';

/** More work of one kind is asked for than can be done soon. Nothing was started. */
export class Overloaded extends DomainError {
  static readonly reason = {
    code: 'request.overloaded',
    kind: 'unavailable',
    title: 'Too much work at the moment',
  } as const;
  readonly reason = Overloaded.reason;
  override readonly retryAfterSeconds = 2;

  constructor() {
    super('The service is busy with other requests of this kind. Try again in a few seconds.');
  }
}

/** Lets a bounded number of tasks run at once, and a bounded queue wait for them. */
export interface Limiter {
  /** @throws Overloaded when the queue is full */
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** Until a task was seen: about what a password hash takes. */
const TASK_MS_AT_FIRST = 50;

/**
 * The queue is bounded by time: a task is refused when, at the pace of the last tasks, it would wait longer than
 * `waitMsMax`. A permit is held until its task ends, whether or not the caller still listens.
 */
export function createLimiter({ concurrency, waitMsMax }: { concurrency: number; waitMsMax: number }): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  let taskMs = TASK_MS_AT_FIRST;

  const queueLengthMax = (): number =>
    Math.max(concurrency, Math.floor((waitMsMax / Math.max(taskMs, 1)) * concurrency));
  const enter = async (): Promise<void> => {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= queueLengthMax()) throw new Overloaded();
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };

  return {
    async run(task) {
      await enter();
      const startedMs = performance.now();
      try {
        return await task();
      } finally {
        taskMs += (performance.now() - startedMs - taskMs) / 8;
        leave();
      }
    },
  };
}
