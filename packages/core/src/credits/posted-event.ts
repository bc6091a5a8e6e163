import { sourceOf, type Columns, type Dialect } from '../database/index.ts';
import { rfc3339 } from '../kernel/clock.ts';
import type { Expand, NewEvent, OutgoingEvent, StoredEvent } from '../outbox/index.ts';
import type { Scope } from '../scope.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import { viewOf } from './views.ts';

const RANGE_COLUMNS = { account_id: 'uuid', first: 'integer', last: 'integer' } as const satisfies Columns;

const POSTED_BATCH = 'credits.posted_batch';

/** Entries of one account that follow one another: its id, the first `seq`, the last `seq`. */
type Range = [accountId: string, first: number, last: number];

/**
 * What a batch of entries leaves in the outbox: one row that names them. An entry never changes, so that what is to be told of it
 * can be read from it at any time, and needs not be written twice.
 */
export function postedEvent(entries: readonly Entry[]): NewEvent {
  const ranges = new Map<string, Range>();
  for (const { accountId, seq } of entries) {
    const range = ranges.get(accountId);
    if (range === undefined) ranges.set(accountId, [accountId, seq, seq]);
    else range[2] = seq;
  }
  return { type: POSTED_BATCH, orderKey: 'credits', payload: { entries: [...ranges.values()] } };
}

/** What rows of the outbox stand for, by their type. */
export const outboxEvents: Readonly<Record<string, Expand>> = { [POSTED_BATCH]: postedEvents };

/** Found by the primary key, whatever the planner believes: joined, PostgreSQL reads the account from its first entry on. */
const entriesOfRange = {
  sqlite: `cross join credit_entry e on e.account_id = named.account_id and e.seq between named.first and named.last`,
  postgresql: `cross join lateral (select * from credit_entry
    where account_id = named.account_id and seq between named.first and named.last offset 0) e`,
} satisfies Record<Dialect['name'], string>;

/** An event for each of the entries that a row of the outbox names, ordered in its account by `seq`. */
async function postedEvents(scope: Scope, { payload }: StoredEvent): Promise<OutgoingEvent[]> {
  const { dialect, read } = scope.database;
  const ranges = payload['entries'] as Range[];
  const named = sourceOf(
    dialect,
    RANGE_COLUMNS,
    ranges.map(([account_id, first, last]) => ({ account_id, first, last })),
  );
  const rows = await read<EntryRow & { owner_id: string; unit: string }>(
    `select e.*, a.owner_id, a.unit from ${named.sql} named ${entriesOfRange[dialect.name]}
       join credit_account a on a.id = e.account_id order by e.account_id, e.seq`,
    named.params,
  );
  return rows.map((row) => eventOf(row, entryOf(row, dialect)));
}

function eventOf({ owner_id: userId, unit }: { owner_id: string; unit: string }, entry: Entry): OutgoingEvent {
  const view = viewOf(entry, { userId, unit });
  return {
    // The legs of a transfer have one id between them.
    id: entry.leg === 0 ? view.id : `${view.id}.${entry.leg}`,
    type: 'credits.posted',
    orderKey: `credit_account:${entry.accountId}`,
    orderSeq: entry.seq,
    payload: {
      id: view.id,
      user_id: userId,
      unit,
      type: view.type,
      amount: view.amount,
      balance_after: view.balanceAfter,
      held_change: view.heldChange,
      held_after: view.heldAfter,
      description: view.description,
      reference: view.reference,
      refund_of: view.refundOf,
      hold_id: view.holdId,
      counterparty_id: view.counterpartyId,
      metadata: view.metadata,
      actor: view.actor,
      created_at: rfc3339(view.createdAt),
    },
    createdAt: view.createdAt,
  };
}
