const backoffMsMin = 1000;
const backoffMsMax = 60_000;
/** At most one fetch in this time is caused by tokens whose kid is unknown, however many are sent. */
const forcedIntervalMs = 30_000;

/** What every document of the issuer says about itself. */
export interface RefreshStatus {
  /** `empty`: never loaded. `stale`: usable, a refresh is due. `expired`: too old to be used. */
  readonly state: 'empty' | 'fresh' | 'stale' | 'expired';
  readonly fetchedAt: Date | undefined;
  /** Fetches that failed since the last success. */
  readonly failures: number;
  readonly lastError: unknown;
}

export interface FetchFailure {
  readonly type: 'failed';
  readonly error: unknown;
  readonly failures: number;
  readonly retryAfterMs: number;
}

export interface RefreshOptions {
  /** Fetches and keeps the document; resolves with how long it is fresh. */
  readonly load: (signal: AbortSignal) => Promise<number>;
  /** For this long after its freshness the document serves on while a new one is fetched in the background. */
  readonly graceMs: number;
  /** For this long after its freshness the document may be used when no new one is to be had. */
  readonly staleMs: number;
  readonly clock: () => number;
  /** Ends all fetching. What is at hand stays usable until it is too old. */
  readonly closing: AbortSignal;
  readonly onFailure: (failure: FetchFailure) => void;
}

/**
 * Keeps a document of the issuer fresh: one fetch at a time, and after a failure not before a backoff of
 * 1 s doubling to 60 s, shortened at random by up to half so that consumers do not return in step.
 */
export function createRefresh({ load, graceMs, staleMs, clock, closing, onFailure }: RefreshOptions) {
  let inFlight: Promise<void> | undefined;
  let failures = 0;
  let lastError: unknown;
  let attemptedAt = 0;
  let backoffMs = 0;
  let fetchedAt = -Infinity;
  let freshMs = 0;
  let forcedAt = -Infinity;

  /** True when `durationMs` lies behind `since`, or when the clock was set back behind it. */
  function hasPassed(since: number, durationMs: number): boolean {
    const now = clock();
    return now < since || now >= since + durationMs;
  }

  /** Milliseconds until the next fetch is allowed; 0 when it is. */
  const retryAfterMs = () =>
    failures === 0 || hasPassed(attemptedAt, backoffMs) ? 0 : attemptedAt + backoffMs - clock();
  const isLoaded = () => fetchedAt !== -Infinity;
  const isUsable = () => isLoaded() && !(clock() > fetchedAt + freshMs + staleMs);
  /** During an outage nobody waits for the fetch; before that, what is long past its freshness is not trusted blindly. */
  const mayServeStale = () => isUsable() && (failures > 0 || !hasPassed(fetchedAt, freshMs + graceMs));

  async function attempt(): Promise<void> {
    try {
      freshMs = await load(closing);
      fetchedAt = clock();
      failures = 0;
      lastError = undefined;
    } catch (error) {
      backOff(error);
    }
  }

  function backOff(error: unknown): void {
    lastError = error;
    failures++;
    attemptedAt = clock();
    backoffMs = Math.min(backoffMsMin * 2 ** (failures - 1), backoffMsMax) * (1 - Math.random() / 2);
    onFailure({ type: 'failed', error, failures, retryAfterMs: retryAfterMs() });
  }

  /** The fetch under way, a new one, or undefined while backing off. The promise never rejects. */
  function start(): Promise<void> | undefined {
    if (closing.aborted || (!inFlight && retryAfterMs() > 0)) return undefined;
    inFlight ??= attempt().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  /** Starts a refresh when one is due. A promise only if what is at hand must not be used before it is done. */
  function revalidate(): Promise<void> | undefined {
    if (!hasPassed(fetchedAt, freshMs)) return undefined;
    const refresh = start();
    return mayServeStale() ? undefined : refresh;
  }

  /** As start(), on behalf of an unknown kid; undefined when that is not allowed now. */
  function force(): Promise<void> | undefined {
    if (inFlight) return start();
    if (!hasPassed(forcedAt, forcedIntervalMs)) return undefined;
    const refresh = start();
    if (refresh) forcedAt = clock();
    return refresh;
  }

  function state(): RefreshStatus['state'] {
    if (!isLoaded()) return 'empty';
    if (!isUsable()) return 'expired';
    return hasPassed(fetchedAt, freshMs) ? 'stale' : 'fresh';
  }

  function status(): RefreshStatus {
    return { state: state(), fetchedAt: isLoaded() ? new Date(fetchedAt) : undefined, failures, lastError };
  }

  /** For the error that says "try again". */
  const retryDetails = () => ({ retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs() / 1000)), cause: lastError });
  const isFailing = () => failures > 0;

  return { revalidate, force, isUsable, isFailing, retryDetails, status };
}
