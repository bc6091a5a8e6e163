import type { Scope } from '../scope.ts';
import { addKey, changeKeys } from './change.ts';
import { generateSigningKey } from './generate.ts';
import { makeNextKey } from './make-next.ts';
import { readPublishedKeys } from './rows.ts';

/**
 * Makes the first signing key, once, however many processes ask at the same time. It signs at once: nobody has a copy of
 * the keys without it. When the configured algorithm is another than that of the newest key, a successor is made.
 */
export async function ensureSigningKey(scope: Scope): Promise<void> {
  const keys = await readPublishedKeys(scope.database);
  if (keys.every(({ state }) => state !== 'active')) return makeFirstKey(scope);
  if (keys.at(-1)?.algorithm !== scope.settings.signingAlgorithm) await makeNextKey(scope);
}

async function makeFirstKey(scope: Scope): Promise<void> {
  const key = await generateSigningKey(scope.settings.signingAlgorithm);
  await changeKeys(scope, async (keys) => {
    if (keys.in('active') !== undefined) return;
    await addKey(scope, keys.tx, key, { state: 'active', activeFrom: scope.now() });
  });
}
