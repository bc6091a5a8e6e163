import { KidUnknown } from '../errors/index.ts';
import { keepKnownKeys, type KeysById, type VerificationKey } from './jwk.ts';
import { type KeySet, type KeySetStatus, unavailable } from './key-set.ts';
import { hasPassed, Refresh } from './refresh.ts';
import type { KeySource } from './source.ts';

/** After its freshness a key set serves on for this long while a new one is fetched in the background. */
const staleWhileRevalidateMs = 60_000;

/** Told about each fetch of the key set. */
export type JwksEvent =
  | { readonly type: 'loaded'; readonly keyIds: readonly string[] }
  | { readonly type: 'failed'; readonly error: unknown; readonly failures: number; readonly retryAfterMs: number };

export interface RemoteKeySetOptions {
  readonly source: KeySource;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly staleIfErrorMs: number;
  readonly clock: () => number;
  readonly onEvent: (event: JwksEvent) => void;
}

/** The key set of an issuer on the network: kept, refreshed before it is missed, and served on through outages. */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions;
  readonly #refresh: Refresh;
  readonly #closing = new AbortController();
  #keys: KeysById = new Map();
  #fetchedAt = -Infinity;
  #freshMs = 0;

  constructor(options: RemoteKeySetOptions) {
    this.#options = options;
    this.#refresh = new Refresh({
      fetchKeys: () => this.#load(),
      failed: (error) => this.#failed(error),
      clock: options.clock,
    });
  }

  find(kid: string): VerificationKey {
    if (!this.#isUsable()) throw this.#unavailable();
    const key = this.#keys.get(kid);
    if (key) return key;
    // While the issuer is out of reach the kid may well be its newest: a 401 would log everybody out.
    throw this.#refresh.failures > 0 ? this.#unavailable() : new KidUnknown();
  }

  revalidate(): Promise<void> | undefined {
    if (!this.#isOlderThan(this.#freshMs)) return undefined;
    const refresh = this.#start();
    return this.#mayServeStale() ? undefined : refresh;
  }

  refetch(): Promise<void> | undefined {
    return this.#closing.signal.aborted ? undefined : this.#refresh.force();
  }

  async ready(): Promise<void> {
    await this.revalidate();
    if (!this.#isUsable()) throw this.#unavailable();
  }

  status(): KeySetStatus {
    return {
      state: this.#state(),
      keyIds: [...this.#keys.keys()],
      fetchedAt: this.#isLoaded() ? new Date(this.#fetchedAt) : undefined,
      failures: this.#refresh.failures,
      lastError: this.#refresh.lastError,
    };
  }

  close(): void {
    this.#closing.abort(new Error('The verifier was closed'));
  }

  #start(): Promise<void> | undefined {
    return this.#closing.signal.aborted ? undefined : this.#refresh.start();
  }

  /** During an outage nobody waits for the fetch; before that, keys long past their freshness are not trusted blindly. */
  #mayServeStale(): boolean {
    if (!this.#isUsable()) return false;
    return this.#refresh.failures > 0 || !this.#isOlderThan(this.#freshMs + staleWhileRevalidateMs);
  }

  #isLoaded(): boolean {
    return this.#fetchedAt !== -Infinity;
  }

  #isUsable(): boolean {
    return (
      this.#isLoaded() && !(this.#options.clock() > this.#fetchedAt + this.#freshMs + this.#options.staleIfErrorMs)
    );
  }

  #isOlderThan(ageMs: number): boolean {
    return hasPassed(this.#options.clock(), this.#fetchedAt, ageMs);
  }

  #state(): KeySetStatus['state'] {
    if (!this.#isLoaded()) return 'empty';
    if (!this.#isUsable()) return 'expired';
    return this.#isOlderThan(this.#freshMs) ? 'stale' : 'fresh';
  }

  #unavailable() {
    return unavailable(this.#refresh.retryAfterMs(), this.#refresh.lastError);
  }

  async #load(): Promise<void> {
    const { source, fetch, timeoutMs, clock, onEvent } = this.#options;
    const { keys, freshMs } = await source({ fetch, timeoutMs, signal: this.#closing.signal });
    // Replaced, not merged: a key that the issuer withdrew is gone from this moment on.
    this.#keys = keepKnownKeys(keys, this.#keys);
    this.#freshMs = freshMs;
    this.#fetchedAt = clock();
    onEvent({ type: 'loaded', keyIds: [...keys.keys()] });
  }

  #failed(error: unknown): void {
    const { failures } = this.#refresh;
    this.#options.onEvent({ type: 'failed', error, failures, retryAfterMs: this.#refresh.retryAfterMs() });
  }
}
