import type { JsonObject } from '../kernel/json.ts';
import type { EntryKind } from './entities.ts';
import type { Entry } from './entry.ts';

/** One credit transaction as its owner sees it. */
export interface TransactionView {
  id: string;
  userId: string;
  type: EntryKind;
  /** The signed change of the balance, in credits. */
  amount: number;
  balanceAfter: number;
  description: string | null;
  reference: string | null;
  /** The spend that a refund gives back. */
  refundOf: string | null;
  metadata: JsonObject | null;
  /** Who posted it: `user:<id>`, `service:<client id>`, `script` or `system`. */
  actor: string;
  createdAt: Date;
}

export function viewOf(entry: Entry, userId: string): TransactionView {
  return {
    id: entry.txId,
    userId,
    type: entry.kind,
    amount: entry.amount,
    balanceAfter: entry.balanceAfter,
    description: entry.description,
    reference: entry.reference,
    refundOf: entry.originTxId,
    metadata: entry.metadata,
    actor: entry.actor,
    createdAt: entry.createdAt,
  };
}
