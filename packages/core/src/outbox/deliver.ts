import type { Scope } from '../scope.ts';
import {
  expanded,
  LIMIT_DEFAULT,
  pendingRows,
  requireLimit,
  type Expand,
  type OutgoingEvent,
  type PendingInput,
} from './pending.ts';

/**
 * Hands what has happened to `deliver`, one event after the other, the oldest first, and marks as published what it has taken. Each
 * is delivered at least once: when `deliver` rejects, or the process ends, the events since the last mark are delivered
 * again, with the same ids. Nothing is locked meanwhile, so that one process at a time should do this.
 *
 * @returns how many were delivered; 0 when there was nothing
 * @throws InvalidInput
 * @throws what `deliver` rejects with; what was marked before stays published
 */
export async function deliverEvents(
  scope: Scope,
  { limit = LIMIT_DEFAULT }: PendingInput,
  { deliver, expand }: { deliver: (event: OutgoingEvent) => Promise<void>; expand: Readonly<Record<string, Expand>> },
): Promise<number> {
  requireLimit(limit);
  let delivered = 0;
  for (const stored of await pendingRows(scope, limit)) {
    for (const event of await expanded(scope, stored, expand)) {
      await deliver(event);
      delivered += 1;
    }
    await scope.database.read('update outbox_event set published_at = ? where id = ?', [scope.now(), stored.id]);
  }
  return delivered;
}
