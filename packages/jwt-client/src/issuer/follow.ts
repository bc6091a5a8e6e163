import { andThen } from '../eventually.ts';
import { callHook } from '../hooks.ts';
import type { FixedKeySet } from '../jwks/key-set.ts';
import { withNewestKeys } from '../jwks/newest-keys.ts';
import { remoteKeySet } from '../jwks/remote-key-set.ts';
import { keySource } from '../jwks/source.ts';
import type { JsonObject } from '../jws/json.ts';
import { jwsReader } from '../jws/reader.ts';
import type { Settings } from '../options.ts';
import type { Primitives } from '../primitives.ts';
import { createRevocationFeed } from '../revocation/feed.ts';
import type { Issuer } from './issuer.ts';

/**
 * Follows what the issuer publishes: its keys, unless they are given, and the feed of what it has revoked. `closing` ends
 * all network activity; what is at hand stays usable until it is too old.
 */
export function followIssuer(
  settings: Settings,
  primitives: Primitives,
  closing: AbortSignal,
  given: FixedKeySet | undefined,
): Issuer {
  const { algorithms, on } = settings;
  const feed = createRevocationFeed({
    settings,
    closing,
    read,
    onEvent: (event) => callHook(on.revocation, event),
  });
  const source = keySource(settings, primitives, feed.discovered);
  const keySet = given
    ? { ...given, refetch: () => undefined, assertUsable() {}, isFailing: () => false }
    : remoteKeySet({ source, settings, closing, onEvent: (event) => callHook(on.jwks, event) });
  const readSigned = jwsReader(primitives, algorithms, 'revocations+jwt', keySet.find);

  async function read(text: string): Promise<JsonObject> {
    try {
      return (
        await withNewestKeys(
          () => keySet,
          () => readSigned(text),
        )
      ).payload;
    } catch (cause) {
      throw new Error('The revocation feed is not signed as it must be', { cause });
    }
  }

  function revalidateFeed(): Promise<void> | undefined {
    const pending = feed.revalidate();
    // An issuer that just failed to give its keys would keep this request waiting for a second time.
    return keySet.isFailing() ? undefined : pending;
  }

  return {
    find: keySet.find,
    isRevoked: feed.isRevoked,
    revalidate: () => andThen(keySet.revalidate(), revalidateFeed) as Promise<void> | undefined,
    refetch: keySet.refetch,
    assertUsable() {
      keySet.assertUsable();
      feed.assertUsable();
    },
    status: () => ({ keys: keySet.status(), revocation: feed.status() }),
  };
}
