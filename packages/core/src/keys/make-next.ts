import { plusSeconds } from '../kernel/clock.ts';
import type { Scope } from '../scope.ts';
import { addKey, changeKeys, drop, type Keys } from './change.ts';
import { generateSigningKey, type NewKey } from './generate.ts';
import { viewOf, type KeyView } from './rows.ts';
import { PUBLISHED_AHEAD_SECONDS } from './timing.ts';

/** Sees that a key waits to be the next. */
export async function makeNextKey(scope: Scope): Promise<void> {
  const spare = await generateSigningKey(scope.settings.signingAlgorithm);
  await changeKeys(scope, async (keys) => void (await nextKey(scope, keys, spare)));
}

/**
 * The key that will sign next: the one that waits already, or else the spare one, published from now on and signing when
 * everybody has it. One that waits with an algorithm that is not wanted any more is replaced: it never signed.
 */
export async function nextKey(scope: Scope, keys: Keys, spare: NewKey): Promise<KeyView> {
  const waiting = keys.in('next');
  if (waiting?.algorithm === spare.publicJwk.alg) return viewOf(waiting);
  if (waiting !== undefined) await drop(scope, keys.tx, waiting, 'withdrawn');
  const activeFrom = plusSeconds(scope.now(), PUBLISHED_AHEAD_SECONDS);
  return addKey(scope, keys.tx, spare, { state: 'next', activeFrom });
}
