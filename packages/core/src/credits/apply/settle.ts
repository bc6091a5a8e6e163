import { isExpired, type Lot } from '../lots.ts';
import { SYSTEM } from '../system-context.ts';
import { posted, type Asked, type Draft } from './draft.ts';
import { entryTime, leftOf, type Head, type Hold, type Moment, type Posting } from './standing.ts';

/** An account with what may have become due: its lots that have expired, and its open holds. */
export interface Dues {
  readonly head: Head;
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
}

/**
 * What is due by `now`, in the order of time: holds that end, lots that expire, each with its own entry at the moment
 * when it was due. What is held does not expire: of the expired lots as much stays as is held, until it is captured or
 * let go. A closed account takes no entries.
 */
export function settle(dues: Dues, { now, newId }: Moment): Posting[] {
  if (dues.head.status === 'closed') return [];
  const postings: Posting[] = [];
  let { head, lots, holds } = dues;
  for (;;) {
    const due = nextDue({ head, lots, holds }, entryTime(head, now));
    if (due === undefined) return postings;
    const posting = posted({ head, lots, hold: due.hold }, due.draft, { ...UNASKED, txId: newId() }, due.at);
    postings.push(posting);
    ({ head, lots } = posting);
    holds = holds.filter((hold) => hold !== due.hold);
  }
}

const UNASKED: Omit<Asked, 'txId'> = {
  clientId: SYSTEM.clientId,
  actor: SYSTEM.actor,
  idemKey: null,
  requestHash: null,
  reference: null,
  description: null,
  correlationId: null,
  sessionId: null,
  address: null,
  metadata: null,
};

interface Due {
  readonly at: Date;
  readonly draft: Draft;
  readonly hold?: Hold;
}

function nextDue({ head, lots, holds }: Dues, now: Date): Due | undefined {
  const ended = holds
    .filter((hold) => leftOf(hold) > 0 && hold.expiresAt <= now)
    .toSorted((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())[0];
  // Until the next hold ends, what is held stays what it is.
  return expiryDue(head, lots, ended?.expiresAt ?? now) ?? (ended && holdExpiryDue(ended));
}

function holdExpiryDue(hold: Hold): Due {
  const draft: Draft = { kind: 'hold_expiry', amount: 0, heldDelta: -leftOf(hold), originTxId: hold.id };
  return { at: hold.expiresAt, draft, hold };
}

/** The first lot of those expired by `until`, when together they are more than what is held. */
function expiryDue({ held }: Head, lots: readonly Lot[], until: Date): Due | undefined {
  const expired = lots
    .filter((lot) => lot.remaining > 0 && isExpired(lot, until))
    .toSorted((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime());
  const [first] = expired;
  let beyondHeld = -held;
  for (const { expiresAt, remaining } of expired) {
    beyondHeld += remaining;
    if (beyondHeld > 0 && first !== undefined) return { at: expiresAt, draft: expiryOf(first, beyondHeld) };
  }
  return undefined;
}

function expiryOf({ id, txId, remaining }: Lot, beyondHeld: number): Draft {
  const amount = -Math.min(remaining, beyondHeld);
  return { kind: 'expiry', amount, originTxId: txId, lots: [{ lot: id, amount }] };
}
