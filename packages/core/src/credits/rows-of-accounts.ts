import { sourceOf, type Dialect, type Statement } from '../database/index.ts';
import { ownerKey, type Owner } from './accounts.ts';
import { BURN_ORDER } from './rows.ts';

/** Most spends are covered by the first few lots of their account. */
export const FIRST_LOTS = 32;

/** Owners as a source of rows in SQL, each once. */
export function ownersIn(dialect: Dialect, owners: readonly Owner[]): Statement {
  const distinct = new Map(owners.map((owner) => [ownerKey(owner), { owner_id: owner.userId, unit: owner.unit }]));
  return sourceOf(dialect, { owner_id: 'uuid', unit: 'text' }, [...distinct.values()]);
}

/** SELECTs about the accounts of owners. Those of what is due have two `?` behind the owners', both for the time. */
interface OfAccounts {
  /** Holds that have ended by that time, or by the newest entry of their account: its time never goes back. */
  dueHolds(owners: string): string;
  /** The same of lots. */
  dueLots(owners: string): string;
  /** The first in burn order of each account. */
  firstLots(owners: string): string;
}

const first = `from credit_lot l where l.account_id = a.id and l.live order by ${BURN_ORDER} limit ${FIRST_LOTS}`;

/**
 * Each row is found by an index, whatever the planner believes of the tables: SQLite joins crosswise in the order given,
 * and a limit or offset keeps PostgreSQL's look-ups apart.
 */
export const ofAccounts = {
  sqlite: {
    dueHolds: (owners) => `select h.* ${accounts.sqlite(owners, 'held > 0')}
      cross join credit_hold h on h.account_id = a.id and h.open and h.expires_at <= max(coalesce(a.head_at, ?), ?)`,
    dueLots: (owners) => `select l.* ${accounts.sqlite(owners, 'balance > 0')}
      cross join credit_lot l on l.account_id = a.id and l.live and l.expires_at <= max(coalesce(a.head_at, ?), ?)`,
    // SQLite knows no lateral join: the first lots of each account are asked for by id.
    firstLots: (owners) => `select l.* ${accounts.sqlite(owners, 'balance > 0')}
      cross join credit_lot l where l.id in (select l.id ${first})`,
  },
  postgresql: {
    dueHolds: (owners) => `select h.* ${accounts.postgresql(owners, 'held > 0')}
      cross join lateral (select * from credit_hold where account_id = a.id and open
        and expires_at <= greatest(coalesce(a.head_at, ?), ?) offset 0) h`,
    dueLots: (owners) => `select l.* ${accounts.postgresql(owners, 'balance > 0')}
      cross join lateral (select * from credit_lot where account_id = a.id and live
        and expires_at <= greatest(coalesce(a.head_at, ?), ?) offset 0) l`,
    firstLots: (owners) => `select x.* ${accounts.postgresql(owners, 'balance > 0')}
      cross join lateral (select l.* ${first}) x`,
  },
} satisfies Record<Dialect['name'], OfAccounts>;

const accounts = {
  sqlite: (owners: string, condition: string) =>
    `from ${owners} o cross join credit_account a on a.owner_id = o.owner_id and a.unit = o.unit and a.${condition}`,
  postgresql: (owners: string, condition: string) =>
    `from ${owners} o cross join lateral (select id, head_at from credit_account
      where owner_id = o.owner_id and unit = o.unit and ${condition} limit 1) a`,
};
