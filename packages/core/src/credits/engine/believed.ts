import { ownerKey, type Owner } from '../accounts.ts';
import { ownersOf, type Account } from '../book.ts';
import type { Lot } from '../lots.ts';
import type { Operation } from '../operation.ts';
import { FIRST_LOTS } from '../rows-of-accounts.ts';

/** Accounts as the batches of this process have left them, so that the next batch need not look. */
export interface BelievedAccounts {
  /** The accounts of the operations; undefined when one is not known well enough to post on it unseen. */
  of(operations: readonly Operation[]): ReadonlyMap<string, Account> | undefined;
  /** What a batch has sent to be committed. */
  believe(accounts: ReadonlyMap<string, Account>): void;
  /** What was perhaps not committed after all. */
  forget(owners: readonly Owner[]): void;
  /**
   * What the database knew better. Perhaps somebody else posts there, so they are looked at for the next second; twice as
   * long each time that it happens again, up to a minute.
   */
  doubt(owners: readonly Owner[]): void;
}

const ACCOUNTS_MAX = 10_000;
const DOUBTED_MS_MIN = 1_000;
const DOUBTED_MS_MAX = 60_000;

interface Doubt {
  readonly untilMs: number;
  readonly lastsMs: number;
}

/** `elapsedMs` gives milliseconds on a clock that nobody can set. */
export function createBelievedAccounts(elapsedMs: () => number): BelievedAccounts {
  const accounts = new Map<string, Account>();
  const doubts = new Map<string, Doubt>();
  return {
    of(operations) {
      const found = new Map<string, Account>();
      for (const operation of operations) {
        if (!UNSEEN.has(operation.kind) || operation.idemKey !== null) return undefined;
        for (const owner of ownersOf(operation)) {
          const account = accounts.get(ownerKey(owner));
          if (account === undefined) return undefined;
          found.set(ownerKey(owner), account);
        }
      }
      return found;
    },
    believe(sent) {
      for (const [key, account] of sent) {
        accounts.delete(key);
        if (isKnownWhole(account) && !isDoubted(key))
          accounts.set(key, { ...account, lots: account.lots.filter(isLive) });
      }
      shorten(accounts);
    },
    forget(owners) {
      for (const key of owners.map(ownerKey)) accounts.delete(key);
    },
    doubt(owners) {
      const nowMs = elapsedMs();
      for (const key of new Set(owners.map(ownerKey))) {
        accounts.delete(key);
        const lastsMs = Math.min(2 * (doubts.get(key)?.lastsMs ?? DOUBTED_MS_MIN / 2), DOUBTED_MS_MAX);
        doubts.delete(key);
        doubts.set(key, { untilMs: nowMs + lastsMs, lastsMs });
      }
      shorten(doubts);
    },
  };

  function isDoubted(key: string): boolean {
    const doubt = doubts.get(key);
    if (doubt === undefined) return false;
    const sinceMs = elapsedMs() - doubt.untilMs;
    // Believed for as long as it was doubted, and rightly: the next doubt begins anew.
    if (sinceMs > doubt.lastsMs) doubts.delete(key);
    return sinceMs < 0;
  }
}

/** What can be decided without a look at an earlier transaction, a hold or a key. */
const UNSEEN: ReadonlySet<Operation['kind']> = new Set(['purchase', 'grant', 'adjustment', 'spend', 'transfer']);

/** Whether all its lots are there, and no hold that may end. */
function isKnownWhole({ head, lots }: Account): boolean {
  return head.held === 0 && lots.length < FIRST_LOTS;
}

function isLive({ remaining }: Lot): boolean {
  return remaining > 0;
}

function shorten(map: Map<string, unknown>): void {
  for (const oldest of map.keys()) {
    if (map.size <= ACCOUNTS_MAX) return;
    map.delete(oldest);
  }
}
