import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** What a keyed request was refused for, so that it is refused for the same reason again. Rows are only ever inserted. */
export const CreditRefusal = defineEntity({
  name: 'CreditRefusal',
  tableName: 'credit_refusal',
  properties: {
    clientId: p.text().primary(),
    idemKey: p.text().primary(),
    requestHash: p.blob(),
    /** The permanent code of the reason. */
    code: p.text(),
    message: p.text(),
    facts: p.json<Record<string, string | number>>(),
    createdAt: p.datetime(3),
  },
});
export type CreditRefusal = InferEntity<typeof CreditRefusal>;
