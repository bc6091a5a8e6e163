import type { Scope } from '../../scope.ts';
import { entryOf, type Entry, type EntryRow } from '../entry.ts';
import { hashEntry } from '../hash.ts';
import type { Problems } from './problems.ts';

/** An account as far as it is known to be good. */
export interface Verified {
  readonly accountId: string;
  readonly seq: number;
  readonly hash: Buffer;
}

const STRETCH = 2_000;

/** The entries of an account after `seq`, in stretches, so that memory does not grow with the account. */
export async function* stretchesOf(
  scope: Scope,
  accountId: string,
  seq: number,
): AsyncGenerator<Entry[], void, undefined> {
  for (let after = seq; ;) {
    const rows = await scope.database.read<EntryRow>(
      'select * from credit_entry where account_id = ? and seq > ? order by seq limit ?',
      [accountId, after, STRETCH],
    );
    const entries = rows.map((row) => entryOf(row, scope.database.dialect));
    if (entries.length > 0) yield entries;
    if (entries.length < STRETCH) return;
    after = entries.at(-1)?.seq ?? after;
  }
}

/** Checks that each entry follows the one before, and that its hash is the one of what it says. */
export function checkChain(entries: readonly Entry[], before: Entry | undefined, problems: Problems): void {
  let last = before;
  for (const entry of entries) {
    const at = { seq: entry.seq };
    const report = (kind: Parameters<Problems['add']>[0]): void => problems.add(kind, entry.accountId, at);
    if (entry.seq !== (last?.seq ?? 0) + 1) report('entry.gap');
    if (entry.balanceAfter !== (last?.balanceAfter ?? 0) + entry.amount) report('entry.sum');
    if (entry.heldAfter !== (last?.heldAfter ?? 0) + entry.heldDelta) report('entry.sum');
    if (last !== undefined && entry.createdAt < last.createdAt) report('entry.time');
    if (!entry.prevHash.equals(last?.hash ?? Buffer.alloc(0))) report('entry.chain');
    if (!entry.hash.equals(hashEntry(entry))) report('entry.hash');
    last = entry;
  }
}
