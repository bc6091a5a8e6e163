import type { Statement } from '../database/index.ts';
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
  const { sql, params } = eventStatement(scope, event);
  await scope.database.in(tx)(sql, params);
}

/** The same as a statement, for those that write several things in one round trip. */
export function eventStatement(scope: Scope, event: NewEvent): Statement {
  return {
    sql: `insert into outbox_event (id, type, order_key, order_seq, payload, created_at) values (?, ?, ?, ?, ?, ?)`,
    params: [
      scope.newId(),
      event.type,
      event.orderKey,
      event.orderSeq ?? null,
      JSON.stringify(event.payload),
      scope.now(),
    ],
  };
}
