const backoffMsMin = 1000;
const backoffMsMax = 60_000;
/** At most one fetch in this time is caused by tokens whose kid is unknown, however many are sent. */
const forcedIntervalMs = 30_000;

export interface RefreshOptions {
  readonly fetchKeys: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  readonly clock: () => number;
}

/** True when `durationMs` lies behind `since`, or when the clock was set back behind it. */
export function hasPassed(now: number, since: number, durationMs: number): boolean {
  return now < since || now >= since + durationMs;
}

/**
 * Decides when the key set may be fetched: one fetch at a time, and after a failure not before a
 * backoff of 1 s doubling to 60 s, shortened at random by up to half so that consumers do not return in step.
 */
export class Refresh {
  failures = 0;
  lastError: unknown;
  readonly #options: RefreshOptions;
  #inFlight: Promise<void> | undefined;
  #attemptedAt = 0;
  #backoffMs = 0;
  #forcedAt = -Infinity;

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /** The fetch under way, a new one, or undefined while backing off. The promise never rejects. */
  start(): Promise<void> | undefined {
    if (this.#inFlight) return this.#inFlight;
    if (this.retryAfterMs() > 0) return undefined;
    this.#inFlight = this.#attempt().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  /** As start(), on behalf of an unknown kid. */
  force(): Promise<void> | undefined {
    if (this.#inFlight) return this.#inFlight;
    if (!hasPassed(this.#options.clock(), this.#forcedAt, forcedIntervalMs)) return undefined;
    const started = this.start();
    if (started) this.#forcedAt = this.#options.clock();
    return started;
  }

  /** Milliseconds until the next fetch is allowed; 0 when it is. */
  retryAfterMs(): number {
    const now = this.#options.clock();
    if (this.failures === 0 || hasPassed(now, this.#attemptedAt, this.#backoffMs)) return 0;
    return this.#attemptedAt + this.#backoffMs - now;
  }

  async #attempt(): Promise<void> {
    try {
      await this.#options.fetchKeys();
      this.failures = 0;
      this.lastError = undefined;
    } catch (error) {
      this.#backOff(error);
    }
  }

  #backOff(error: unknown): void {
    this.lastError = error;
    this.failures += 1;
    this.#attemptedAt = this.#options.clock();
    const fullMs = Math.min(backoffMsMin * 2 ** (this.failures - 1), backoffMsMax);
    this.#backoffMs = fullMs * (1 - Math.random() / 2);
    this.#options.failed(error);
  }
}
