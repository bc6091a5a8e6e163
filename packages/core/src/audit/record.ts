import type { Statement } from '../database/index.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Tx } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';

export interface Act {
  /** `feature.verb`, such as `user.deactivated`. */
  action: string;
  /** What it was done to, such as `user:<id>`. */
  target: string;
  details?: JsonObject;
  /** Who did it, where that is known only now: a sign-in has no actor before it. */
  actor?: string;
  sessionId?: string;
}

/** Writes down who did what, in the transaction of the act. Details hold no secret. */
export async function recordAct(scope: Scope, tx: Tx, act: Act): Promise<void> {
  const { sql, params } = actStatement(scope, act);
  await scope.database.in(tx)(sql, params);
}

/** The same as a statement, for those that write several things in one round trip. */
export function actStatement(scope: Scope, act: Act): Statement {
  const { context } = scope;
  return {
    sql: `insert into audit_entry (id, at, actor, action, target, client_id, session_id, address, correlation_id, details)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      scope.newId(),
      scope.now(),
      act.actor ?? context.actor,
      act.action,
      act.target,
      context.clientId,
      act.sessionId ?? context.sessionId ?? null,
      context.address ?? null,
      context.correlationId ?? null,
      JSON.stringify(act.details ?? {}),
    ],
  };
}
