import type { JsonObject } from '../kernel/json.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';

export interface NewEvent {
  /** `feature.happened`, such as `credits.posted`. */
  type: string;
  /** Events with the same key are ordered among themselves, by `orderSeq` where it is given. */
  orderKey: string;
  orderSeq?: number;
  payload: JsonObject;
}

/** Leaves an event to be published after the commit: it is sent at least once, and never without its effect. */
export async function publish(scope: Scope, tx: Tx, event: NewEvent): Promise<void> {
  await scope.database.in(tx)(
    `insert into outbox_event (id, type, order_key, order_seq, payload, created_at) values (?, ?, ?, ?, ?, ?)`,
    [scope.newId(), event.type, event.orderKey, event.orderSeq ?? null, JSON.stringify(event.payload), scope.now()],
  );
}
