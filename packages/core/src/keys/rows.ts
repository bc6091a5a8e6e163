import type { Database, Dialect } from '../database/index.ts';
import { fromJson } from '../kernel/json.ts';
import type { Scope } from '../scope.ts';
import type { KeyState, SigningAlgorithm } from './entities.ts';
import type { PublicJwk } from './generate.ts';

/** A signing key without its private part. */
export interface KeyView {
  kid: string;
  algorithm: SigningAlgorithm;
  state: KeyState;
  createdAt: Date;
  /** From when on it signs. */
  activeFrom: Date;
  /** From when on it signs no more, but what it signed is good. */
  retiringFrom: Date | null;
  /** From when on nothing that it signed is accepted. */
  goneFrom: Date | null;
}

/** A signing key as it is kept. */
export interface KeptKey extends KeyView {
  publicJwk: PublicJwk;
  /** Empty once the key is gone. */
  sealedPrivateKey: string;
}

const GONE_LISTED_MAX = 20;

/** The published keys, oldest first. */
export async function readPublishedKeys({ read, dialect }: Pick<Database, 'read' | 'dialect'>): Promise<KeptKey[]> {
  const rows = await read<KeyRow>(`select * from signing_key where state <> 'gone' order by active_from, kid`);
  return rows.map((row) => keyOf(row, dialect));
}

/** The published keys and the last 20 that are gone, newest first. */
export async function listKeys({ database: { read, dialect } }: Scope): Promise<KeyView[]> {
  const rows = await read<KeyRow>(
    `select * from (select * from signing_key where state <> 'gone') published
     union all select * from (select * from signing_key where state = 'gone' order by active_from desc limit ?) gone`,
    [GONE_LISTED_MAX],
  );
  const newest = (one: KeyView, other: KeyView): number => other.activeFrom.getTime() - one.activeFrom.getTime();
  return rows.map((row) => viewOf(keyOf(row, dialect))).toSorted(newest);
}

/** What may be shown of a key. */
export function viewOf({ publicJwk: _jwk, sealedPrivateKey: _sealed, ...view }: KeptKey): KeyView {
  return view;
}

/** A sealed private key only opens for its own `kid`. */
export function sealContext(kid: string): string {
  return `signing_key:${kid}`;
}

interface KeyRow {
  kid: string;
  algorithm: SigningAlgorithm;
  state: KeyState;
  public_jwk: unknown;
  sealed_private_key: string;
  created_at: unknown;
  active_from: unknown;
  retiring_from: unknown;
  gone_from: unknown;
}

function keyOf(row: KeyRow, { fromTime }: Dialect): KeptKey {
  return {
    kid: row.kid,
    algorithm: row.algorithm,
    state: row.state,
    publicJwk: fromJson(row.public_jwk),
    sealedPrivateKey: row.sealed_private_key,
    createdAt: fromTime(row.created_at),
    activeFrom: fromTime(row.active_from),
    retiringFrom: row.retiring_from === null ? null : fromTime(row.retiring_from),
    goneFrom: row.gone_from === null ? null : fromTime(row.gone_from),
  };
}
