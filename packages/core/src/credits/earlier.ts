import { amongRows, type Run, type Statement } from '../database/index.ts';
import { fromJson } from '../kernel/json.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { leftOf, type Head, type Hold, type Origin } from './apply/standing.ts';
import type { LotChange } from './entities.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import { isExpired, type Lot } from './lots.ts';
import type { Operation } from './operation.ts';
import { BURN_ORDER, holdOf, lotOf, type HoldRow, type LotRow } from './rows.ts';
import { wholeNumber } from './whole-number.ts';

/** What earlier postings say about a batch. Read after the accounts are locked: before, it might change until then. */
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

/** The operations of a batch and the locked accounts they are on. */
export interface Batch {
  readonly operations: readonly Operation[];
  readonly heads: ReadonlyMap<string, Head>;
  /** The account that an operation takes from or adds to; undefined when its user is missing. */
  readonly headOf: (operation: Operation) => Head | undefined;
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
  const found = [...lots, ...namedLots];
  const more = await readMoreLots(reader, lots, holds);
  return { keyed, origins, holds, lots: new Map([...found, ...more].map((lot) => [lot.id, lot])) };
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
    return { sql: `select * from credit_entry where ${known.sql} and leg = 0`, params: known.params };
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
      sql: `select r.tx_id, r.account_id, e.kind, r.amount, r.refunded, e.created_at, e.lots
            from (select * from credit_refundable where ${named.sql}) r join credit_entry e on e.tx_id = r.tx_id and e.leg = 0`,
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

function originsNamed({ operations }: Batch): { tx_id: string }[] {
  return operations.flatMap((operation) =>
    operation.kind === 'refund' || operation.kind === 'clawback' ? [{ tx_id: operation.originTxId }] : [],
  );
}

async function readHolds(reader: Reader): Promise<Map<string, Hold>> {
  const { dialect } = reader.scope.database;
  const { heads, operations, now } = reader.batch;
  const names = operations.flatMap((operation) =>
    operation.kind === 'capture' || operation.kind === 'release' ? [{ id: operation.originTxId }] : [],
  );
  const holding = [...heads.values()].filter(({ held }) => held > 0);
  const [named, ended] = await Promise.all([
    ask<HoldRow>(reader, names, () => {
      const among = amongRows(dialect, { id: 'uuid' }, names);
      return { sql: `select * from credit_hold where ${among.sql}`, params: among.params };
    }),
    ask<HoldRow>(reader, holding, () => {
      const among = amongRows(dialect, { account_id: 'uuid' }, holding.map(accountIdOf));
      return {
        sql: `select * from credit_hold where ${among.sql} and open and expires_at <= ?`,
        params: [...among.params, latest(heads, now)],
      };
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

/** Most spends are covered by the first few lots of their account. */
const FIRST_LOTS = 32;

/** Every lot that has expired by now, and of accounts that something is taken from the first in burn order. */
async function readLots(reader: Reader): Promise<OwnedLot[]> {
  const { dialect } = reader.scope.database;
  // Only an account with credits has lots.
  const accounts = [...reader.batch.heads.values()].filter(({ balance }) => balance > 0);
  const takers = [...needs(reader.batch, new Map()).keys()].filter(({ balance }) => balance > 0);
  const rows = await ask<LotRow>(reader, accounts, () => {
    const owned = amongRows(dialect, { account_id: 'uuid' }, accounts.map(accountIdOf));
    const due = `select l.* from credit_lot l where ${owned.sql} and live and expires_at <= ?`;
    const params = [...owned.params, latest(reader.batch.heads, reader.batch.now)];
    if (takers.length === 0) return { sql: due, params };
    const taken = amongRows(
      dialect,
      { id: 'uuid' },
      takers.map(({ accountId }) => ({ id: accountId })),
    );
    const first = firstLots[dialect.name](`(select id from credit_account where ${taken.sql}) a`);
    return { sql: `${first} union all ${due}`, params: [...taken.params, ...params] };
  });
  return rows.map((row) => lotOf(row, dialect));
}

const FIRST = `from credit_lot l where l.account_id = a.id and l.live order by ${BURN_ORDER} limit ${FIRST_LOTS}`;
const firstLots = {
  // SQLite knows no lateral join: the first lots of each account are asked for by id.
  sqlite: (accounts: string) =>
    `select l.* from ${accounts} cross join credit_lot l where l.id in (select l.id ${FIRST})`,
  postgresql: (accounts: string) => `select x.* from ${accounts} cross join lateral (select l.* ${FIRST}) x`,
};

/** For accounts whose first lots do not cover what the batch takes: as many as do. */
async function readMoreLots(
  reader: Reader,
  first: readonly OwnedLot[],
  holds: ReadonlyMap<string, Hold>,
): Promise<OwnedLot[]> {
  const { dialect } = reader.scope.database;
  const needed = [...needs(reader.batch, holds)].filter(([head, need]) => {
    const known = first.filter((lot) => lot.accountId === head.accountId);
    const live = known.filter((lot) => !isExpired(lot, latest(reader.batch.heads, reader.batch.now)));
    return known.length >= FIRST_LOTS && live.reduce((sum, lot) => sum + lot.remaining, 0) < need;
  });
  const found: OwnedLot[] = [];
  for (const [{ accountId }, need] of needed) {
    const rows = await reader.run<LotRow>(
      `select * from (
         select l.*, sum(case when l.expires_at > ? then l.remaining else 0 end)
           over (order by ${BURN_ORDER} rows between unbounded preceding and 1 preceding) as before_it
         from credit_lot l where l.account_id = ? and l.live) x
       where coalesce(before_it, 0) < ?`,
      [latest(reader.batch.heads, reader.batch.now), accountId, need],
    );
    found.push(...rows.map((row) => lotOf(row, dialect)));
  }
  return found;
}

/** What the batch may take from each account at most. */
function needs({ operations, headOf }: Batch, holds: ReadonlyMap<string, Hold>): Map<Head, number> {
  const needed = new Map<Head, number>();
  for (const operation of operations) {
    const head = headOf(operation);
    const taken = takenAtMost(operation, holds);
    if (head !== undefined && taken > 0) needed.set(head, (needed.get(head) ?? 0) + taken);
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

/** An account's time never goes back: what has expired by its newest entry has expired. */
function latest(heads: ReadonlyMap<string, Head>, now: Date): Date {
  return [...heads.values()].reduce((time, { headAt }) => (headAt !== null && headAt > time ? headAt : time), now);
}

function accountIdOf({ accountId }: Head): { account_id: string } {
  return { account_id: accountId };
}
