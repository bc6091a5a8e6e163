import { amongRows } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import type { Head } from './apply/standing.ts';
import type { AccountStatus } from './entities.ts';
import { UNIT_DEFAULT } from './operation.ts';
import { wholeNumber } from './whole-number.ts';

/** Whose account, and of which unit. */
export interface Owner {
  readonly userId: string;
  readonly unit: string;
}

/** An owner as a key: units have no colon. */
export function ownerKey({ userId, unit }: Owner): string {
  return `${unit}:${userId}`;
}

/**
 * Opens the user's account of a unit: frozen unless the user is active. Does nothing when there is one already, or when
 * there is no such user. The user must have been written to the database before.
 */
export async function openAccount(scope: Scope, tx: Tx, userId: string, unit: string = UNIT_DEFAULT): Promise<void> {
  const { forUpdate } = scope.database.dialect;
  // The user's row is locked, so that a deactivation at the same moment freezes the account, or is seen here.
  await scope.database.in(tx)(
    `insert into credit_account (id, owner_id, unit, kind, status, head_hash, created_at)
     select ?, u.id, cast(? as text), 'user', case u.status when 'active' then 'open' else 'frozen' end, ?, ?
     from users u
     where u.id = ? and not exists (select 1 from credit_account a where a.owner_id = u.id and a.unit = ?)${forUpdate}
     on conflict (owner_id, unit) do nothing`,
    [scope.newId(), unit, Buffer.alloc(0), scope.now(), userId, unit],
  );
}

/** For a user who is deactivated or deleted: nothing can be spent until `thawAccount`; refunds still can be made. */
export async function freezeAccount(scope: Scope, tx: Tx, userId: string): Promise<void> {
  await moveStatus(scope, tx, userId, { from: 'open', to: 'frozen' });
}

/** For a user who is active again. */
export async function thawAccount(scope: Scope, tx: Tx, userId: string): Promise<void> {
  await moveStatus(scope, tx, userId, { from: 'frozen', to: 'open' });
}

async function moveStatus(
  scope: Scope,
  tx: Tx,
  userId: string,
  { from, to }: { from: AccountStatus; to: AccountStatus },
): Promise<void> {
  await scope.database.in(tx)(`update credit_account set status = ? where owner_id = ? and status = ?`, [
    to,
    userId,
    from,
  ]);
}

/**
 * Locks the owners' accounts until the transaction ends, in the order of their ids so that two batches never wait for each
 * other, and gives their heads by `ownerKey`. Who has no account, or does not exist, is left out.
 */
export async function lockHeads(scope: Scope, tx: Tx, owners: readonly Owner[]): Promise<Map<string, Head>> {
  const { dialect } = scope.database;
  const owned = amongRows(
    dialect,
    { owner_id: 'uuid', unit: 'text' },
    owners.map(({ userId, unit }) => ({ owner_id: userId, unit })),
  );
  const rows = await scope.database.in(tx)<HeadRow>(
    `select ${HEAD_COLUMNS} from credit_account where ${owned.sql} order by id${dialect.forUpdate}`,
    owned.params,
  );
  const heads = rows.map((row) => headOf(row, dialect.fromTime));
  return new Map(heads.map((head) => [ownerKey(head), head]));
}

/** Opens accounts for those of the owners who exist; in one order, so that two batches never wait for each other. */
export async function openAccounts(scope: Scope, tx: Tx, owners: readonly Owner[]): Promise<void> {
  const ordered = owners.toSorted((one, other) => (ownerKey(one) < ownerKey(other) ? -1 : 1));
  for (const { userId, unit } of ordered) await openAccount(scope, tx, userId, unit);
}

export interface HeadRow {
  id: string;
  owner_id: string;
  unit: string;
  status: AccountStatus;
  balance: unknown;
  held: unknown;
  floor: unknown;
  ceiling: unknown;
  seq: unknown;
  head_hash: Buffer;
  head_at: unknown;
}

/** The columns that `headOf` reads. */
export const HEAD_COLUMNS = 'id, owner_id, unit, status, balance, held, floor, ceiling, seq, head_hash, head_at';

export function headOf(row: HeadRow, fromTime: (value: unknown) => Date): Head {
  return {
    accountId: row.id,
    userId: row.owner_id,
    unit: row.unit,
    status: row.status,
    balance: wholeNumber(row.balance),
    held: wholeNumber(row.held),
    floor: wholeNumber(row.floor),
    ceiling: row.ceiling === null ? null : wholeNumber(row.ceiling),
    seq: wholeNumber(row.seq),
    headHash: row.head_hash,
    headAt: row.head_at === null ? null : fromTime(row.head_at),
  };
}

/**
 * The id of an owner's account; undefined before its first posting.
 *
 * @throws UserMissing
 */
export async function findAccount(scope: Scope, { userId, unit }: Owner): Promise<string | undefined> {
  const [row] = await scope.database.read<{ account_id: string | null }>(
    `select a.id as account_id from users u left join credit_account a on a.owner_id = u.id and a.unit = ? where u.id = ?`,
    [unit, userId],
  );
  if (row === undefined) throw new UserMissing(userId);
  return row.account_id ?? undefined;
}
