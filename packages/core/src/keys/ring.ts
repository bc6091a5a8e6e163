import { createPrivateKey, type KeyObject } from 'node:crypto';

import type { Database } from '../database/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Vault } from '../kernel/secrets.ts';
import type { SigningAlgorithm } from './entities.ts';
import { NoSigningKey } from './errors.ts';
import type { PublicJwk } from './generate.ts';
import { readPublishedKeys, sealContext, type KeptKey } from './rows.ts';

interface ActiveKey {
  kid: string;
  algorithm: SigningAlgorithm;
  privateKey: KeyObject;
}

/** The keys in memory: what signs, and what others verify with, also while the database is away. */
export interface KeyRing {
  /** The key that signs now. @throws NoSigningKey */
  active(): ActiveKey;
  /** The published set: next, active and retiring keys. The same object until it changes. */
  jwks(): { keys: PublicJwk[] };
  refresh(): Promise<void>;
}

/**
 * Changes to the next key by itself when its time has come, so that all processes do so at the same moment without being
 * told; and never back, whatever the clock says afterwards.
 */
export function createKeyRing(database: Database, vault: Vault, now: Clock): KeyRing {
  let published: { keys: PublicJwk[] } = { keys: [] };
  let signing: ActiveKey | undefined;
  let next: { key: ActiveKey | undefined; activeFrom: Date } | undefined;
  const opened = new Map<string, ActiveKey>();

  /** None when another process sealed it under a secret that is not known here: it is published all the same. */
  const open = ({ kid, algorithm, sealedPrivateKey }: KeptKey): ActiveKey | undefined => {
    const known = opened.get(kid);
    if (known !== undefined) return known;
    try {
      const privateKey = createPrivateKey(vault.open(sealedPrivateKey, sealContext(kid)));
      opened.set(kid, { kid, algorithm, privateKey });
    } catch {
      return undefined;
    }
    return opened.get(kid);
  };
  return {
    active() {
      if (next !== undefined && next.activeFrom <= now()) [signing, next] = [next.key, undefined];
      if (signing === undefined) throw new NoSigningKey();
      return signing;
    },
    jwks: () => published,
    async refresh() {
      const keys = await readPublishedKeys(database);
      if (!sameKeys(keys, published.keys)) published = { keys: keys.map((key) => key.publicJwk) };
      for (const kid of opened.keys()) if (keys.every((key) => key.kid !== kid)) opened.delete(kid);
      const waiting = keys.find(({ state }) => state === 'next');
      if (waiting !== undefined && waiting.kid === signing?.kid) return;
      const active = keys.find(({ state }) => state === 'active');
      signing = active && open(active);
      next = waiting && { key: open(waiting), activeFrom: waiting.activeFrom };
    },
  };
}

function sameKeys(keys: readonly KeptKey[], known: readonly PublicJwk[]): boolean {
  return keys.length === known.length && keys.every((key, index) => key.kid === known[index]?.kid);
}
