import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** An event to be published after the commit that made it true. `orderKey` + `orderSeq` let consumers order. */
export const OutboxEvent = defineEntity({
  name: 'OutboxEvent',
  tableName: 'outbox_event',
  properties: {
    id: p.uuid().primary(),
    type: p.text(),
    orderKey: p.text(),
    orderSeq: p.bigint('number').nullable(),
    payload: p.json<Record<string, unknown>>(),
    createdAt: p.datetime(3),
    publishedAt: p.datetime(3).nullable(),
  },
  indexes: [
    { name: 'outbox_event_pending_index', properties: ['id'], where: 'published_at is null' },
    { name: 'outbox_event_published_index', properties: ['publishedAt'], where: 'published_at is not null' },
  ],
});
export type OutboxEvent = InferEntity<typeof OutboxEvent>;
