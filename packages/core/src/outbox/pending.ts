import { requireValid } from '../kernel/fields.ts';
import { fromJson, type JsonObject } from '../kernel/json.ts';
import type { Scope } from '../scope.ts';

/** Something that has happened, as it is to be told to others. */
export interface OutgoingEvent {
  /** The same for the same event, however often it is told. */
  id: string;
  /** `feature.happened`, such as `credits.posted`. */
  type: string;
  /** Events with the same key are ordered among themselves, by `orderSeq` where it is given. */
  orderKey: string;
  orderSeq: number | null;
  payload: JsonObject;
  createdAt: Date;
}

/** A row of the outbox. */
export type StoredEvent = OutgoingEvent;

/** Makes of one row the events that it stands for. */
export type Expand = (scope: Scope, stored: StoredEvent) => Promise<OutgoingEvent[]>;

export interface PendingInput {
  /**
   * Rows of the outbox to read: 1 to 100, 20 unless told. A batch of postings is one row with an event for each of them;
   * once there are 1,000 events, `pending` reads no further row.
   */
  limit?: number | undefined;
}

export const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;

/** Whole rows are read until there are as many: with the last one, there may be 2,000 more. */
const EVENTS_MAX = 1_000;

/**
 * What has happened and was not published yet, the oldest first. `expand` names the types whose rows stand for several events.
 *
 * @throws InvalidInput
 */
export async function pendingEvents(
  scope: Scope,
  { limit = LIMIT_DEFAULT }: PendingInput,
  expand: Readonly<Record<string, Expand>>,
): Promise<OutgoingEvent[]> {
  requireLimit(limit);
  const events: OutgoingEvent[] = [];
  for (const stored of await pendingRows(scope, limit)) {
    if (events.length >= EVENTS_MAX) break;
    events.push(...(await expanded(scope, stored, expand)));
  }
  return events;
}

/** @throws InvalidInput */
export function requireLimit(limit: number): void {
  requireValid(
    Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX
      ? undefined
      : { field: 'limit', code: 'out_of_range', message: `must be a whole number from 1 to ${LIMIT_MAX}` },
  );
}

/** Rows of the outbox that nobody has published, the oldest first. */
export async function pendingRows(scope: Scope, limit: number): Promise<StoredEvent[]> {
  const rows = await scope.database.read<Record<string, unknown>>(
    'select * from outbox_event where published_at is null order by id limit ?',
    [limit],
  );
  return rows.map((row) => storedEvent(scope, row));
}

/** The events that a row stands for. */
export async function expanded(
  scope: Scope,
  stored: StoredEvent,
  expand: Readonly<Record<string, Expand>>,
): Promise<OutgoingEvent[]> {
  return (await expand[stored.type]?.(scope, stored)) ?? [stored];
}

function storedEvent({ database: { dialect } }: Scope, row: Record<string, unknown>): StoredEvent {
  return {
    id: row['id'] as string,
    type: row['type'] as string,
    orderKey: row['order_key'] as string,
    orderSeq: row['order_seq'] === null ? null : Number(row['order_seq']),
    payload: fromJson<JsonObject>(row['payload']),
    createdAt: dialect.fromTime(row['created_at']),
  };
}
