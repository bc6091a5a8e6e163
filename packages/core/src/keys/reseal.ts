import { recordAct } from '../audit/index.ts';
import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { SecretKeyWrong } from './errors.ts';
import { readPublishedKeys, sealContext, type KeptKey } from './rows.ts';

/**
 * Sees that every private key can be opened, and seals those anew that only the previous SECRET_KEY opens.
 *
 * @throws SecretKeyWrong for one that neither opens
 */
export async function resealKeys(scope: Scope): Promise<void> {
  for (const key of await readPublishedKeys(scope.database)) {
    const privateKey = opened(scope, key);
    if (scope.vault.isOutdated(key.sealedPrivateKey, sealContext(key.kid))) await reseal(scope, key, privateKey);
  }
}

function opened({ vault }: Scope, { kid, sealedPrivateKey }: KeptKey): string {
  try {
    return vault.open(sealedPrivateKey, sealContext(kid));
  } catch {
    // What the cipher says is only that the tag is wrong.
    throw new SecretKeyWrong(kid);
  }
}

/** Another process may be faster, or withdraw the key meanwhile: then there is nothing to do. */
async function reseal(scope: Scope, { kid, sealedPrivateKey }: KeptKey, privateKey: string): Promise<void> {
  const sealed = scope.vault.seal(privateKey, sealContext(kid));
  await transact(scope, async (tx) => {
    const changed = await scope.database.in(tx)(
      'update signing_key set sealed_private_key = ? where kid = ? and sealed_private_key = ? returning kid',
      [sealed, kid, sealedPrivateKey],
    );
    if (changed.length === 1) await recordAct(scope, tx, { action: 'key.resealed', target: `key:${kid}` });
  });
}
