import { recordAct } from '../audit/index.ts';
import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { SigningKey } from './entities.ts';
import { generateSigningKey } from './generate.ts';
import { sealContext } from './ring.ts';

/** Makes the first signing key, once, however many processes ask at the same time. */
export async function ensureSigningKey(scope: Scope): Promise<void> {
  const known = await scope.database.read(`select 1 from signing_key where state = 'active' limit 1`);
  if (known.length > 0) return;
  const algorithm = scope.settings.signingAlgorithm;
  const key = await generateSigningKey(algorithm);
  await transact(scope, async (tx) => {
    const run = scope.database.in(tx);
    await run(scope.database.dialect.takeTurns, ['signing-key']);
    const already = await run(`select 1 from signing_key where state = 'active' limit 1`);
    if (already.length > 0) return;
    tx.create(SigningKey, {
      kid: key.kid,
      algorithm,
      state: 'active',
      publicJwk: { ...key.publicJwk },
      sealedPrivateKey: scope.vault.seal(key.privateKeyPem, sealContext(key.kid)),
      createdAt: scope.now(),
      activeFrom: scope.now(),
    });
    await tx.flush();
    await recordAct(scope, tx, {
      action: 'key.created',
      target: `key:${key.kid}`,
      details: { algorithm, state: 'active' },
    });
  });
}
