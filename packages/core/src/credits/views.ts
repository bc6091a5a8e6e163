import type { JsonObject } from '../kernel/json.ts';
import type { Owner } from './accounts.ts';
import type { EntryKind } from './entities.ts';
import type { Entry } from './entry.ts';
import { isBirth } from './lots.ts';

/** One credit transaction as its owner sees it. What does not go with its type is null. */
export interface TransactionView {
  id: string;
  userId: string;
  unit: string;
  type: EntryKind;
  /** The signed change of the balance, in credits. */
  amount: number;
  balanceAfter: number;
  /** The signed change of what is set aside, in credits. */
  heldChange: number;
  heldAfter: number;
  description: string | null;
  reference: string | null;
  /** What a refund gives back, or a clawback takes back. */
  refundOf: string | null;
  /** The hold that was placed, captured, released or that expired. */
  holdId: string | null;
  /** When the hold ends by itself, or when the credits that came in expire. */
  expiresAt: Date | null;
  /** The user at the other end of a transfer. */
  counterpartyId: string | null;
  metadata: JsonObject | null;
  /** Who posted it: `user:<id>`, `service:<client id>`, `script` or `system`. */
  actor: string;
  createdAt: Date;
}

export function viewOf(entry: Entry, { userId, unit }: Owner): TransactionView {
  return {
    id: entry.txId,
    userId,
    unit,
    type: entry.kind,
    amount: entry.amount,
    balanceAfter: entry.balanceAfter,
    heldChange: entry.heldDelta,
    heldAfter: entry.heldAfter,
    description: entry.description,
    reference: entry.reference,
    refundOf: entry.kind === 'refund' || entry.kind === 'clawback' ? entry.originTxId : null,
    holdId: holdIdOf(entry),
    expiresAt: entry.expiresAt ?? lotExpiryOf(entry),
    counterpartyId: entry.counterpartyId,
    metadata: entry.metadata,
    actor: entry.actor,
    createdAt: entry.createdAt,
  };
}

function holdIdOf({ kind, txId, originTxId }: Entry): string | null {
  if (kind === 'hold') return txId;
  return kind === 'capture' || kind === 'release' || kind === 'hold_expiry' ? originTxId : null;
}

/** When the first of the credits that came in expire. */
function lotExpiryOf({ lots }: Entry): Date | null {
  const times = lots.flatMap((change) => (isBirth(change) && change.expires !== null ? [change.expires] : []));
  const [first] = times.toSorted();
  return first === undefined ? null : new Date(first);
}
