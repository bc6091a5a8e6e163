import { plusSeconds } from '../kernel/clock.ts';
import type { Scope } from '../scope.ts';
import { activate, addKey, drop, type Keys } from './change.ts';
import { KeyMissing } from './errors.ts';
import type { NewKey } from './generate.ts';
import type { KeyRotation } from './rotate.ts';
import { viewOf, type KeptKey, type KeyView } from './rows.ts';
import { JWKS_MAX_AGE_SECONDS, PUBLISHED_AHEAD_SECONDS } from './timing.ts';

/** Takes a compromised key away at once, and puts another in its place. @throws KeyMissing */
export async function withdrawKey(
  scope: Scope,
  keys: Keys,
  spare: NewKey,
  kid: string | undefined,
): Promise<KeyRotation> {
  const compromised = keys.published.find((key) => (kid === undefined ? key.state === 'active' : key.kid === kid));
  if (compromised === undefined) throw new KeyMissing(kid ?? '(none is active)');
  const withdrawn = await drop(scope, keys.tx, compromised, 'withdrawn');
  const key = await replace(scope, keys, compromised, spare);
  return { key, withdrawn, effect: effectOf(compromised, key) };
}

/** Preferably by the key that is published already: some verifiers have it. */
async function replace(scope: Scope, keys: Keys, compromised: KeptKey, spare: NewKey): Promise<KeyView> {
  const [active, next] = [keys.in('active'), keys.in('next')];
  if (compromised === next) {
    const activeFrom = plusSeconds(scope.now(), PUBLISHED_AHEAD_SECONDS);
    return addKey(scope, keys.tx, spare, { state: 'next', activeFrom });
  }
  if (compromised !== active && active !== undefined) return viewOf(active);
  if (next !== undefined) return activate(scope, keys.tx, next, scope.now());
  return addKey(scope, keys.tx, spare, { state: 'active', activeFrom: scope.now() });
}

function effectOf({ kid, state }: KeptKey, key: KeyView): string {
  if (state === 'next') return `Key ${kid} had signed nothing. Key ${key.kid} takes its place.`;
  const refused =
    `Every access token signed by ${kid} is refused here from now on, and by verifiers when their copy of the keys ` +
    `expires: within ${JWKS_MAX_AGE_SECONDS / 60} minutes, with a cache that serves stale copies twice that. ` +
    'Until then they also accept what somebody else signs with it. ';
  const replaced = `Key ${key.kid} signs now: users get new tokens with their next refresh, nobody is signed out. `;
  const late = 'Verifiers that do not fetch unknown keys refuse the new tokens for as long.';
  return state === 'active'
    ? refused + replaced + late
    : refused + 'Their holders get new ones with their next refresh.';
}
