import { recordAct } from '../audit/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import type { JsonObject } from '../kernel/json.ts';
import { transact, type Tx } from '../kernel/transaction.ts';
import { publish } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { SigningKey, type KeyState } from './entities.ts';
import type { NewKey } from './generate.ts';
import { readPublishedKeys, sealContext, viewOf, type KeptKey, type KeyView } from './rows.ts';
import { CLOCK_TOLERANCE_SECONDS } from './timing.ts';

/** The published keys, in the hands of the one transaction that may change them. */
export interface Keys {
  readonly tx: Tx;
  readonly published: readonly KeptKey[];
  /** The one in this state, of which there is at most one. */
  in(state: 'next' | 'active'): KeptKey | undefined;
}

/** Changes the keys, one process at a time. */
export async function changeKeys<T>(scope: Scope, change: (keys: Keys) => Promise<T>): Promise<T> {
  return transact(scope, async (tx) => {
    const { dialect } = scope.database;
    const run = scope.database.in(tx);
    await run(dialect.takeTurns, ['signing-key']);
    const published = await readPublishedKeys({ read: run, dialect });
    return change({ tx, published, in: (state) => published.find((key) => key.state === state) });
  });
}

/** Adds a key that signs from a moment on. */
export async function addKey(
  scope: Scope,
  tx: Tx,
  key: NewKey,
  { state, activeFrom }: { state: 'next' | 'active'; activeFrom: Date },
): Promise<KeyView> {
  const { kid, publicJwk, privateKeyPem } = key;
  const sealedPrivateKey = scope.vault.seal(privateKeyPem, sealContext(kid));
  const row = { kid, algorithm: publicJwk.alg, state, createdAt: scope.now(), activeFrom };
  tx.create(SigningKey, { ...row, publicJwk: { ...publicJwk }, sealedPrivateKey });
  await tx.flush();
  const details = { algorithm: publicJwk.alg, state, active_from: activeFrom.toISOString() };
  await note(scope, tx, { kid, verb: 'created', details });
  return { ...row, retiringFrom: null, goneFrom: null };
}

/** From `activeFrom` on this key signs. */
export async function activate(scope: Scope, tx: Tx, key: KeptKey, activeFrom: Date): Promise<KeyView> {
  return move(scope, tx, key, { state: 'active', activeFrom, verb: 'activated' });
}

/** It signs no more, and stays published until the last token that it signed has expired. */
export async function retire(scope: Scope, tx: Tx, key: KeptKey, retiringFrom: Date): Promise<KeyView> {
  const goneFrom = plusSeconds(retiringFrom, scope.settings.accessTokenTtlSeconds + CLOCK_TOLERANCE_SECONDS);
  return move(scope, tx, key, { state: 'retiring', retiringFrom, goneFrom, verb: 'retired' });
}

/** It is published no more, and its private part is erased. */
export async function drop(scope: Scope, tx: Tx, key: KeptKey, verb: 'gone' | 'withdrawn'): Promise<KeyView> {
  const goneFrom = verb === 'gone' ? (key.goneFrom ?? scope.now()) : scope.now();
  const retiringFrom = key.retiringFrom ?? goneFrom;
  return move(scope, tx, { ...key, sealedPrivateKey: '' }, { state: 'gone', retiringFrom, goneFrom, verb });
}

interface Move {
  state: KeyState;
  activeFrom?: Date;
  retiringFrom?: Date;
  goneFrom?: Date;
  verb: 'activated' | 'retired' | 'gone' | 'withdrawn';
}

async function move(scope: Scope, tx: Tx, key: KeptKey, { verb, ...change }: Move): Promise<KeyView> {
  const after = { ...key, ...change };
  await scope.database.in(tx)(
    `update signing_key set state = ?, active_from = ?, retiring_from = ?, gone_from = ?, sealed_private_key = ?
     where kid = ?`,
    [after.state, after.activeFrom, after.retiringFrom, after.goneFrom, after.sealedPrivateKey, key.kid],
  );
  await note(scope, tx, { kid: key.kid, verb, details: { from: key.state, to: after.state } });
  return viewOf(after);
}

/** An audit row and an event: whoever keeps a copy of the keys may want to know at once. */
async function note(scope: Scope, tx: Tx, change: { kid: string; verb: string; details: JsonObject }): Promise<void> {
  const { kid, verb, details } = change;
  await recordAct(scope, tx, { action: `key.${verb}`, target: `key:${kid}`, details });
  await publish(scope, tx, { type: `key.${verb}`, orderKey: 'keys', payload: { kid, ...details } });
}
