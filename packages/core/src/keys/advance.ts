import { plusSeconds } from '../kernel/clock.ts';
import type { Scope } from '../scope.ts';
import { activate, changeKeys, drop, retire, type Keys } from './change.ts';
import { makeNextKey } from './make-next.ts';
import { readPublishedKeys, type KeptKey } from './rows.ts';

/**
 * One step of the life cycle: a key whose time has come is active and the one before it retires, one whose last token
 * has expired is gone, and a key that signed for `keyRotationSeconds` gets a successor. Only reads when nothing is due.
 * Any number of processes may run it at any time.
 *
 * @returns whether anything changed
 */
export async function advanceKeys(scope: Scope): Promise<boolean> {
  const keys = await readPublishedKeys(scope.database);
  const moves = keys.some((key) => isDue(key, scope.now()));
  if (moves) await changeKeys(scope, (published) => moveOn(scope, published));
  const active = keys.find(({ state }) => state === 'active');
  const rotates = active !== undefined && keys.every(({ state }) => state !== 'next') && isOld(scope, active);
  if (rotates) await makeNextKey(scope);
  return moves || rotates;
}

function isDue({ state, activeFrom, goneFrom }: KeptKey, now: Date): boolean {
  return (state === 'next' && activeFrom <= now) || (state === 'retiring' && goneFrom !== null && goneFrom <= now);
}

function isOld({ settings, now }: Scope, { activeFrom }: KeptKey): boolean {
  return now() >= plusSeconds(activeFrom, settings.keyRotationSeconds);
}

async function moveOn(scope: Scope, keys: Keys): Promise<void> {
  for (const key of keys.published.filter((one) => isDue(one, scope.now()))) {
    if (key.state === 'retiring') await drop(scope, keys.tx, key, 'gone');
    else await succeed(scope, keys, key);
  }
}

/** The old key signed until the new one's time came, whenever it is that we look. */
async function succeed(scope: Scope, keys: Keys, next: KeptKey): Promise<void> {
  const before = keys.in('active');
  if (before !== undefined) await retire(scope, keys.tx, before, next.activeFrom);
  await activate(scope, keys.tx, next, next.activeFrom);
}
