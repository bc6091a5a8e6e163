import { amongRows, type Run, type Statement } from '../database/index.ts';
import { fromJson } from '../kernel/json.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { ownerKey, type Owner } from './accounts.ts';
import { leftOf, type Head, type Hold, type Origin } from './apply/standing.ts';
import type { LotChange } from './entities.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import { isExpired, type Lot } from './lots.ts';
import type { Operation } from './operation.ts';
import { FIRST_LOTS, ofAccounts, ownersIn } from './rows-of-accounts.ts';
import { BURN_ORDER, holdOf, lotOf, type HoldRow, type LotRow } from './rows.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * What earlier postings say about a batch. Asked right behind the locks of its accounts, on the same connection: by the
 * time the database looks, they are locked, and nobody has waited for the answer in between.
 */
export interface Earlier {
  /** Entries by client and idempotency key. */
  readonly keyed: Map<string, Entry>;
  /** What refunds and clawbacks name, by transaction. */
  readonly origins: Map<string, Origin>;
  /** What captures and releases name, and what has ended by now, by id. */
  readonly holds: Map<string, Hold>;
  /** Every lot that the batch may move, by id. */
  readonly lots: Map<string, Lot & { readonly accountId: string }>;
}

/** The operations of a batch and the accounts that it locks. */
export interface Batch {
  readonly operations: readonly Operation[];
  readonly owners: readonly Owner[];
  readonly now: Date;
}

/** The reads do not wait for one another, so that they share a round trip where the database allows it. */
export async function readEarlier(scope: Scope, tx: Tx, batch: Batch): Promise<Earlier> {
  const reader: Reader = { scope, run: scope.database.in(tx), batch };
  const [keyed, origins, holds, lots, namedLots] = await Promise.all([
    readKeyed(reader),
    readOrigins(reader),
    readHolds(reader),
    readLots(reader),
    readNamedLots(reader),
  ]);
  return { keyed, origins, holds, lots: new Map([...lots, ...namedLots].map((lot) => [lot.id, lot])) };
}

/** A client's key as the name of one operation. */
export function keyOf(clientId: string, idemKey: string): string {
  return JSON.stringify([clientId, idemKey]);
}

interface Reader {
  readonly scope: Scope;
  readonly run: Run;
  readonly batch: Batch;
}

/** Asks only when there is something to ask about. */
async function ask<Row>({ run }: Reader, known: readonly unknown[], statement: () => Statement): Promise<Row[]> {
  if (known.length === 0) return [];
  const { sql, params } = statement();
  return run<Row>(sql, params);
}

async function readKeyed(reader: Reader): Promise<Map<string, Entry>> {
  const { dialect } = reader.scope.database;
  const keys = reader.batch.operations.flatMap(({ idemKey, context }) =>
    idemKey === null ? [] : [{ client_id: context.clientId, idem_key: idemKey }],
  );
  const rows = await ask<EntryRow>(reader, keys, () => {
    const known = amongRows(dialect, { client_id: 'text', idem_key: 'text' }, keys);
    return {
      sql: `select * from credit_entry where ${known.sql} and leg = 0 and idem_key is not null`,
      params: known.params,
    };
  });
  return new Map(rows.map((row) => [keyOf(row.client_id as string, row.idem_key as string), entryOf(row, dialect)]));
}

interface OriginRow {
  tx_id: string;
  account_id: string;
  kind: Origin['kind'];
  amount: unknown;
  refunded: unknown;
  created_at: unknown;
  lots: unknown;
}

async function readOrigins(reader: Reader): Promise<Map<string, Origin>> {
  const { dialect } = reader.scope.database;
  const names = originsNamed(reader.batch);
  const rows = await ask<OriginRow>(reader, names, () => {
    const named = amongRows(dialect, { tx_id: 'uuid' }, names);
    return {
      sql: `select e.tx_id, e.account_id, e.kind, abs(e.amount) as amount, coalesce(r.refunded, 0) as refunded, e.created_at, e.lots
            from (select * from credit_entry where ${named.sql} and leg = 0 and kind in (${REFUNDABLE})) e
            left join credit_refundable r on r.tx_id = e.tx_id`,
      params: named.params,
    };
  });
  const origins = rows.map((row) => ({
    txId: row.tx_id,
    accountId: row.account_id,
    kind: row.kind,
    amount: wholeNumber(row.amount),
    refunded: wholeNumber(row.refunded),
    createdAt: dialect.fromTime(row.created_at),
    lots: fromJson<readonly LotChange[] | null>(row.lots) ?? [],
  }));
  return new Map(origins.map((origin) => [origin.txId, origin]));
}

/** What can be given back, as a list in SQL. */
const REFUNDABLE = `'spend','capture','purchase'`;

function originsNamed({ operations }: Batch): { tx_id: string }[] {
  return operations.flatMap((operation) =>
    operation.kind === 'refund' || operation.kind === 'clawback' ? [{ tx_id: operation.originTxId }] : [],
  );
}

async function readHolds(reader: Reader): Promise<Map<string, Hold>> {
  const { dialect } = reader.scope.database;
  const { operations, owners, now } = reader.batch;
  const names = operations.flatMap((operation) =>
    operation.kind === 'capture' || operation.kind === 'release' ? [{ id: operation.originTxId }] : [],
  );
  const [named, ended] = await Promise.all([
    ask<HoldRow>(reader, names, () => {
      const among = amongRows(dialect, { id: 'uuid' }, names);
      return { sql: `select * from credit_hold where ${among.sql}`, params: among.params };
    }),
    ask<HoldRow>(reader, owners, () => {
      const owned = ownersIn(dialect, owners);
      return { sql: ofAccounts[dialect.name].dueHolds(owned.sql), params: [...owned.params, now, now] };
    }),
  ]);
  return new Map([...named, ...ended].map((row) => [row.id, holdOf(row, dialect)]));
}

/** The lots of what is refunded, and those that a purchase came as, whatever remains in them. */
async function readNamedLots(reader: Reader): Promise<OwnedLot[]> {
  const { dialect } = reader.scope.database;
  const names = originsNamed(reader.batch);
  const lotId = { sqlite: `c.value ->> 'lot'`, postgresql: `cast(c.value ->> 'lot' as uuid)` }[dialect.name];
  const each = { sqlite: 'json_each', postgresql: 'jsonb_array_elements' }[dialect.name];
  const rows = await ask<LotRow>(reader, names, () => {
    const named = amongRows(dialect, { tx_id: 'uuid' }, names);
    return {
      sql: `select l.* from (select lots from credit_entry where ${named.sql} and leg = 0) e
            cross join ${each}(e.lots) c join credit_lot l on l.id = ${lotId}`,
      params: named.params,
    };
  });
  return rows.map((row) => lotOf(row, dialect));
}

type OwnedLot = Lot & { readonly accountId: string };

/** Every lot that has expired by now, and the first of each account in burn order. */
async function readLots(reader: Reader): Promise<OwnedLot[]> {
  const { dialect } = reader.scope.database;
  const { owners, now } = reader.batch;
  const { dueLots, firstLots } = ofAccounts[dialect.name];
  const rows = await ask<LotRow>(reader, owners, () => {
    const { sql, params } = ownersIn(dialect, owners);
    return { sql: `${firstLots(sql)} union all ${dueLots(sql)}`, params: [...params, ...params, now, now] };
  });
  return rows.map((row) => lotOf(row, dialect));
}

/** For accounts whose first lots do not cover what the batch takes: as many as do. */
export async function readMoreLots(
  scope: Scope,
  tx: Tx,
  { operations, now }: Batch,
  heads: ReadonlyMap<string, Head>,
  { lots, holds }: Earlier,
): Promise<void> {
  const byAccount = Map.groupBy(lots.values(), (lot) => lot.accountId);
  for (const [key, need] of needs(operations, holds)) {
    const head = heads.get(key);
    const known = (head && byAccount.get(head.accountId)) ?? [];
    if (head === undefined || known.length < FIRST_LOTS) continue;
    const time = head.headAt !== null && head.headAt > now ? head.headAt : now;
    if (known.reduce((sum, lot) => sum + (isExpired(lot, time) ? 0 : lot.remaining), 0) >= need) continue;
    const rows = await scope.database.in(tx)<LotRow>(
      `select * from (
         select l.*, sum(case when l.expires_at > ? then l.remaining else 0 end)
           over (order by ${BURN_ORDER} rows between unbounded preceding and 1 preceding) as before_it
         from credit_lot l where l.account_id = ? and l.live) x
       where coalesce(before_it, 0) < ?`,
      [time, head.accountId, need],
    );
    for (const row of rows) lots.set(row.id, lotOf(row, scope.database.dialect));
  }
}

/** What the batch may take from each account at most, by `ownerKey`. */
function needs(operations: readonly Operation[], holds: ReadonlyMap<string, Hold>): Map<string, number> {
  const needed = new Map<string, number>();
  for (const operation of operations) {
    const taken = takenAtMost(operation, holds);
    if (taken > 0) needed.set(ownerKey(operation), (needed.get(ownerKey(operation)) ?? 0) + taken);
  }
  return needed;
}

function takenAtMost(operation: Operation, holds: ReadonlyMap<string, Hold>): number {
  if (operation.kind === 'capture') {
    const hold = holds.get(operation.originTxId);
    return hold === undefined ? 1 : leftOf(hold);
  }
  return 'amount' in operation && operation.kind !== 'hold' ? Math.max(0, -(operation.amount ?? 0)) : 0;
}
