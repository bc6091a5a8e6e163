import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/**
 * Who did what to what, from where. Written in the transaction of the act; never changed. Postings are not here: a ledger
 * entry says all of it itself. The view `audit_trail` has both.
 */
export const AuditEntry = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entry',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(3),
    actor: p.text(),
    action: p.text(),
    target: p.text(),
    clientId: p.text(),
    sessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    correlationId: p.text().nullable(),
    details: p.json<Record<string, unknown>>(),
  },
  indexes: [
    { name: 'audit_entry_actor_index', properties: ['actor', 'id'] },
    { name: 'audit_entry_target_index', properties: ['target', 'id'] },
    { name: 'audit_entry_action_index', properties: ['action', 'id'] },
  ],
});
export type AuditEntry = InferEntity<typeof AuditEntry>;
