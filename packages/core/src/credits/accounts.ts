import { amongRows } from '../database/index.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import type { Head } from './apply.ts';
import type { AccountStatus } from './entities.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * Opens the user's credit account: frozen unless the user is active. Does nothing when there is one already, or when
 * there is no such user. The user must have been written to the database before.
 */
export async function openAccount(scope: Scope, tx: Tx, userId: string): Promise<void> {
  const { forUpdate } = scope.database.dialect;
  // The user's row is locked, so that a deactivation at the same moment freezes the account, or is seen here.
  await scope.database.in(tx)(
    `insert into credit_account (id, owner_id, kind, status, head_hash, created_at)
     select ?, u.id, 'user', case u.status when 'active' then 'open' else 'frozen' end, ?, ?
     from users u
     where u.id = ? and not exists (select 1 from credit_account a where a.owner_id = u.id and a.unit = 'credit')${forUpdate}
     on conflict (owner_id, unit) do nothing`,
    [scope.newId(), Buffer.alloc(0), scope.now(), userId],
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
  await scope.database.in(tx)(
    `update credit_account set status = ? where owner_id = ? and unit = 'credit' and status = ?`,
    [to, userId, from],
  );
}

/**
 * Locks the users' accounts until the transaction ends, in the order of their ids so that two batches never wait for each
 * other, and gives their heads by user. An account that is missing is opened; a user who is missing is left out.
 */
export async function lockHeads(scope: Scope, tx: Tx, userIds: readonly string[]): Promise<Map<string, Head>> {
  const heads = await lockExisting(scope, tx, userIds);
  const without = userIds.filter((id) => !heads.has(id));
  if (without.length === 0) return heads;
  for (const userId of without) await openAccount(scope, tx, userId);
  return lockExisting(scope, tx, userIds);
}

interface HeadRow {
  id: string;
  owner_id: string;
  status: AccountStatus;
  balance: unknown;
  held: unknown;
  floor: unknown;
  ceiling: unknown;
  seq: unknown;
  head_hash: Buffer;
  head_at: unknown;
}

async function lockExisting(scope: Scope, tx: Tx, userIds: readonly string[]): Promise<Map<string, Head>> {
  const { dialect } = scope.database;
  const owned = amongRows(
    dialect,
    { owner_id: 'uuid' },
    userIds.map((id) => ({ owner_id: id })),
  );
  const rows = await scope.database.in(tx)<HeadRow>(
    `select id, owner_id, status, balance, held, floor, ceiling, seq, head_hash, head_at
     from credit_account where ${owned.sql} and unit = 'credit' order by id${dialect.forUpdate}`,
    owned.params,
  );
  return new Map(rows.map((row) => [row.owner_id, headOf(row, dialect.fromTime)]));
}

function headOf(row: HeadRow, fromTime: (value: unknown) => Date): Head {
  return {
    accountId: row.id,
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
