import { requireValid } from '../kernel/fields.ts';
import { SYSTEM, type Scope } from '../scope.ts';
import { advanceKeys } from './advance.ts';
import { changeKeys, type Keys } from './change.ts';
import { generateSigningKey, type NewKey } from './generate.ts';
import { nextKey } from './make-next.ts';
import type { KeyView } from './rows.ts';
import { withdrawKey } from './withdraw.ts';

export interface RotateInput {
  /** A private key is known to somebody else: it is withdrawn now, at the price of every token that it signed. */
  emergency?: boolean | undefined;
  /** Which key, in an emergency; the active one unless told. */
  kid?: string | undefined;
}

export interface KeyRotation {
  /** The key that signs from `activeFrom` on. */
  key: KeyView;
  withdrawn: KeyView | null;
  /** What happens to whom and when, for people. */
  effect: string;
}

/**
 * Begins the change to a new signing key. It waits until everybody has it, then signs; nobody notices. In an emergency
 * there is no waiting: the compromised key is published no more from the commit on.
 *
 * @throws InvalidInput when a key is named without an emergency
 * @throws KeyMissing when the key named is not published
 */
export async function rotateKeys(scope: Scope, { emergency = false, kid }: RotateInput): Promise<KeyRotation> {
  requireValid(kid === undefined || emergency ? undefined : onlyInEmergency);
  // A key whose time has come signs already, whether or not that was written down.
  await advanceKeys({ ...scope, context: SYSTEM });
  const spare = await generateSigningKey(scope.settings.signingAlgorithm);
  return changeKeys(scope, async (keys) =>
    emergency ? withdrawKey(scope, keys, spare, kid) : begin(scope, keys, spare),
  );
}

const onlyInEmergency = { field: 'kid', code: 'not_expected', message: 'is only named in an emergency' };

async function begin(scope: Scope, keys: Keys, spare: NewKey): Promise<KeyRotation> {
  const key = await nextKey(scope, keys, spare);
  const effect =
    `Key ${key.kid} is published and signs from ${key.activeFrom.toISOString()} on. ` +
    'Tokens signed before that stay good until they expire.';
  return { key, withdrawn: null, effect };
}
