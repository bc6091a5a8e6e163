import { KeysUnavailable, KidUnknown } from '../errors/index.ts';
import { importKeySet, type JSONWebKeySet, type VerificationKey } from './jwk.ts';

/** The signing keys of the issuer, as known at this moment. */
export interface KeySet {
  /** The key with this id. Throws KidUnknown, or KeysUnavailable when it cannot be known whether there is one. */
  find(kid: string): VerificationKey;
  /** Starts a refresh when one is due. A promise only if the keys at hand must not be used before it is done. */
  revalidate(): Promise<void> | undefined;
  /** Starts a refresh because a kid was unknown; undefined when that is not allowed now. */
  refetch(): Promise<void> | undefined;
  /** Resolves once keys are loaded; rejects with KeysUnavailable. */
  ready(): Promise<void>;
  status(): KeySetStatus;
  /** Ends all fetching. Keys at hand stay usable until they are too old. */
  close(): void;
}

export interface KeySetStatus {
  /** `empty`: never loaded. `stale`: usable, a refresh is due. `expired`: too old to be used. */
  readonly state: 'empty' | 'fresh' | 'stale' | 'expired';
  readonly keyIds: readonly string[];
  readonly fetchedAt: Date | undefined;
  /** Fetches that failed since the last success. */
  readonly failures: number;
  readonly lastError: unknown;
}

/** Keys handed over by the application: never fetched, always fresh. */
export function fixedKeySet(document: JSONWebKeySet): KeySet {
  const keys = importKeySet(document);
  return {
    find(kid) {
      const key = keys.get(kid);
      if (!key) throw new KidUnknown();
      return key;
    },
    revalidate: () => undefined,
    refetch: () => undefined,
    ready: async () => {},
    status: () => ({
      state: 'fresh',
      keyIds: [...keys.keys()],
      fetchedAt: undefined,
      failures: 0,
      lastError: undefined,
    }),
    close() {},
  };
}

/** The answer when nothing can be said about a token because the keys are out of reach. */
export function unavailable(retryAfterMs: number, cause: unknown): KeysUnavailable {
  return new KeysUnavailable({ retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)), cause });
}
