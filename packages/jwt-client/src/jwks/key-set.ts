import { AccessTokenError } from '../errors/index.ts';
import { andThen } from '../eventually.ts';
import type { RefreshStatus } from '../http/refresh.ts';
import type { Primitives } from '../primitives.ts';
import { importKeySet, type JSONWebKeySet, type KeysById, type VerificationKey } from './jwk.ts';

/** The signing keys of the issuer, as known at this moment. */
export interface KeySet {
  /** The key with this id. Throws kid_unknown, or keys_unavailable when it cannot be known whether there is one. */
  readonly find: (kid: string) => VerificationKey;
  /** Starts a refresh when one is due. A promise only if the keys at hand must not be used before it is done. */
  readonly revalidate: () => Promise<void> | undefined;
  /** Starts a refresh because a kid was unknown; undefined when that is not allowed now. */
  readonly refetch: () => Promise<void> | undefined;
  /** Throws keys_unavailable unless there are keys to work with. */
  readonly assertUsable: () => void;
  /** The issuer did not answer the last time. */
  readonly isFailing: () => boolean;
  readonly status: () => KeySetStatus;
}

/** Nothing is fetched for it, so nothing fails, and there is nothing newer. */
export type FixedKeySet = Pick<KeySet, 'find' | 'revalidate' | 'status'>;

export interface KeySetStatus extends RefreshStatus {
  readonly keyIds: readonly string[];
}

/** Keys handed over by the application: never fetched, always fresh. */
export function fixedKeySet(document: JSONWebKeySet, primitives: Primitives): FixedKeySet {
  let keys: KeysById = new Map();
  const importing = andThen(importKeySet(document, primitives), (imported) => {
    keys = imported;
  });

  return {
    find: (kid) => found(keys.get(kid)),
    revalidate: () => importing as Promise<void> | undefined,
    status: () => ({
      state: 'fresh',
      fetchedAt: undefined,
      failures: 0,
      lastError: undefined,
      keyIds: [...keys.keys()],
    }),
  };
}

export function found(key: VerificationKey | undefined): VerificationKey {
  if (key) return key;
  throw new AccessTokenError('kid_unknown');
}
