import { AccessTokenError } from '../errors/index.ts';
import { createRefresh, type FetchFailure } from '../http/refresh.ts';
import type { Settings } from '../options.ts';
import type { KeysById, VerificationKey } from './jwk.ts';
import { found, type KeySet } from './key-set.ts';
import type { KeySource } from './source.ts';

/** Told about each fetch of the key set. */
export type JwksEvent = { readonly type: 'loaded'; readonly keyIds: readonly string[] } | FetchFailure;

export interface RemoteKeySetOptions {
  readonly source: KeySource;
  readonly settings: Settings;
  readonly closing: AbortSignal;
  readonly onEvent: (event: JwksEvent) => void;
}

/** The key set of an issuer on the network: kept, refreshed before it is missed, and served on through outages. */
export function remoteKeySet({ source, settings, closing, onEvent }: RemoteKeySetOptions): KeySet {
  let keys: KeysById = new Map();
  const { staleIfErrorSeconds, clock } = settings;
  const staleMs = staleIfErrorSeconds * 1000;
  const refresh = createRefresh({ load, graceMs: 60_000, staleMs, clock, closing, onFailure: onEvent });

  async function load(signal: AbortSignal): Promise<number> {
    const fetched = await source(signal);
    // Replaced, not merged: a key that the issuer withdrew is gone from this moment on.
    keys = keepKnownKeys(fetched.keys, keys);
    onEvent({ type: 'loaded', keyIds: [...keys.keys()] });
    return fetched.freshMs;
  }

  function assertUsable(): void {
    if (!refresh.isUsable()) throw unavailable();
  }

  const unavailable = () => new AccessTokenError('keys_unavailable', refresh.retryDetails());

  return {
    find(kid) {
      assertUsable();
      const key = keys.get(kid);
      // While the issuer is out of reach the kid may well be its newest: a 401 would log everybody out.
      if (!key && refresh.isFailing()) throw unavailable();
      return found(key);
    },
    revalidate: refresh.revalidate,
    refetch: refresh.force,
    assertUsable,
    isFailing: refresh.isFailing,
    status: () => ({ ...refresh.status(), keyIds: [...keys.keys()] }),
  };
}

/** Unchanged keys stay the same object, so that tokens verified with them stay remembered. */
function keepKnownKeys(fresh: KeysById, known: KeysById): KeysById {
  return new Map([...fresh].map(([kid, key]) => [kid, sameKey(known.get(kid), key)]));
}

function sameKey(known: VerificationKey | undefined, fresh: VerificationKey): VerificationKey {
  return known?.alg === fresh.alg && known.material === fresh.material ? known : fresh;
}
