import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** The answer to a request that carried an idempotency key, stored in the transaction of its effect. */
export const IdempotencyRecord = defineEntity({
  name: 'IdempotencyRecord',
  tableName: 'idempotency_record',
  properties: {
    /** SHA-256 over caller, method, route and key: its length is bounded and nothing of the caller is in it. */
    scope: p.text().primary(),
    requestHash: p.text(),
    status: p.integer(),
    headers: p.json<Record<string, string>>(),
    body: p.text(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3).index(),
  },
});
export type IdempotencyRecord = InferEntity<typeof IdempotencyRecord>;
