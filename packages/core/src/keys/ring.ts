import { createPrivateKey, type KeyObject } from 'node:crypto';

import type { Database } from '../database/index.ts';
import { DomainError } from '../kernel/errors.ts';
import { fromJson } from '../kernel/json.ts';
import type { Vault } from '../kernel/secrets.ts';
import type { SigningAlgorithm } from './entities.ts';
import type { PublicJwk } from './generate.ts';

/** There is no key to sign with: setup has not run. */
export class NoSigningKey extends DomainError {
  static readonly reason = {
    code: 'keys.none_active',
    kind: 'unavailable',
    title: 'There is no signing key yet',
  } as const;
  readonly reason = NoSigningKey.reason;
  override readonly retryAfterSeconds = 5;

  constructor() {
    super('There is no active signing key. Start the server once, or call core.setup().');
  }
}

interface ActiveKey {
  kid: string;
  algorithm: SigningAlgorithm;
  privateKey: KeyObject;
}

/** The keys in memory: what signs, and what others verify with, also while the database is away. */
export interface KeyRing {
  /** @throws NoSigningKey */
  active(): ActiveKey;
  /** The published set: next, active and retiring keys. */
  jwks(): { keys: PublicJwk[] };
  refresh(): Promise<void>;
}

interface KeyRow {
  kid: string;
  algorithm: SigningAlgorithm;
  state: string;
  public_jwk: unknown;
  sealed_private_key: string;
}

export function createKeyRing(database: Database, vault: Vault): KeyRing {
  let published: { keys: PublicJwk[] } = { keys: [] };
  let signing: ActiveKey | undefined;

  const unsealed = (row: KeyRow): ActiveKey => ({
    kid: row.kid,
    algorithm: row.algorithm,
    privateKey: createPrivateKey(vault.open(row.sealed_private_key, sealContext(row.kid))),
  });
  return {
    active() {
      if (signing === undefined) throw new NoSigningKey();
      return signing;
    },
    jwks: () => published,
    async refresh() {
      const rows = await database.read<KeyRow>(
        `select kid, algorithm, state, public_jwk, sealed_private_key from signing_key
         where state <> 'gone' order by created_at, kid`,
      );
      const active = rows.findLast((row) => row.state === 'active');
      if (active?.kid !== signing?.kid) signing = active && unsealed(active);
      if (!sameKeys(rows, published.keys)) published = { keys: rows.map((row) => fromJson<PublicJwk>(row.public_jwk)) };
    },
  };
}

function sameKeys(rows: readonly KeyRow[], keys: readonly PublicJwk[]): boolean {
  return rows.length === keys.length && rows.every((row, index) => row.kid === keys[index]?.kid);
}

/** A sealed private key only opens for its own `kid`. */
export function sealContext(kid: string): string {
  return `signing_key:${kid}`;
}
