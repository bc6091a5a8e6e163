import type { LotChange } from '../entities.ts';
import type { Entry } from '../entry.ts';
import { hashEntry } from '../hash.ts';
import { withChanges } from '../lots.ts';
import { CONTRA_ACCOUNTS } from '../system-accounts.ts';
import { entryTime, type Hold, type Origin, type Posting, type Standing } from './standing.ts';

/** What a rule decides of an entry. The rest follows from the head and the request. */
export interface Draft extends Pick<Entry, 'kind' | 'amount'> {
  readonly leg?: 0 | 1;
  readonly heldDelta?: number;
  readonly originTxId?: string;
  readonly expiresAt?: Date;
  readonly counterpartyId?: string;
  readonly lots?: readonly LotChange[];
}

/** What an entry repeats from whoever asked for it. */
export type Asked = Pick<
  Entry,
  | 'txId'
  | 'clientId'
  | 'idemKey'
  | 'requestHash'
  | 'actor'
  | 'reference'
  | 'description'
  | 'correlationId'
  | 'sessionId'
  | 'address'
  | 'metadata'
>;

/** The draft as the account's next entry, and where the account stands with it. */
export function posted(standing: Standing, draft: Draft, asked: Asked, now: Date): Posting {
  const entry = nextEntry(standing, draft, asked, now);
  const { balanceAfter: balance, heldAfter: held, seq, hash: headHash, createdAt: headAt } = entry;
  return {
    entry,
    head: { ...standing.head, balance, held, seq, headHash, headAt },
    lots: entry.lots.length === 0 ? standing.lots : withChanges(standing.lots, entry),
    hold: nextHold(standing.hold, entry),
    origin: nextOrigin(standing.origin, entry),
  };
}

function nextEntry({ head }: Standing, draft: Draft, asked: Asked, now: Date): Entry {
  const heldDelta = draft.heldDelta ?? 0;
  const entry = {
    accountId: head.accountId,
    seq: head.seq + 1,
    txId: asked.txId,
    leg: draft.leg ?? 0,
    contraId: CONTRA_ACCOUNTS[draft.kind],
    kind: draft.kind,
    amount: draft.amount,
    heldDelta,
    balanceAfter: head.balance + draft.amount,
    heldAfter: head.held + heldDelta,
    originTxId: draft.originTxId ?? null,
    clientId: asked.clientId,
    idemKey: asked.idemKey,
    requestHash: asked.requestHash,
    actor: asked.actor,
    reference: asked.reference,
    description: asked.description,
    correlationId: asked.correlationId,
    sessionId: asked.sessionId,
    address: asked.address,
    metadata: asked.metadata,
    createdAt: entryTime(head, now),
    prevHash: head.headHash,
    expiresAt: draft.expiresAt ?? null,
    counterpartyId: draft.counterpartyId ?? null,
    lots: draft.lots ?? [],
  };
  return { ...entry, hash: hashEntry(entry) };
}

function nextHold(hold: Hold | undefined, entry: Entry): Hold | undefined {
  const { txId: id, accountId, kind, amount, heldDelta, expiresAt } = entry;
  if (kind === 'hold' && expiresAt !== null) {
    return { id, accountId, amount: heldDelta, captured: 0, released: 0, expiresAt };
  }
  if (hold === undefined || heldDelta === 0) return hold;
  return { ...hold, captured: hold.captured - amount, released: hold.released + amount - heldDelta };
}

function nextOrigin(origin: Origin | undefined, entry: Entry): Origin | undefined {
  const { txId, accountId, kind, amount, createdAt, lots } = entry;
  if (kind === 'spend' || kind === 'capture' || kind === 'purchase') {
    return { txId, accountId, kind, amount: Math.abs(amount), refunded: 0, createdAt, lots };
  }
  if (kind !== 'refund' && kind !== 'clawback') return origin;
  return origin && { ...origin, refunded: origin.refunded + Math.abs(amount) };
}
