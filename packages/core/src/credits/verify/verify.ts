import { amongRows } from '../../database/index.ts';
import { fromJson } from '../../kernel/json.ts';
import type { Scope } from '../../scope.ts';
import { entryOf, type Entry, type EntryRow } from '../entry.ts';
import { wholeNumber } from '../whole-number.ts';
import { checkChain, stretchesOf, type Verified } from './entries.ts';
import { Problems, type Problem } from './problems.ts';
import { addLots, checkHeads, checkLots, checkNamed, type LotSums } from './projections.ts';
import { repairProjections } from './repair.ts';

export interface VerifyInput {
  /** Every entry from the first on, rather than those since each account was last found good. */
  whole?: boolean | undefined;
  /** Whether to write holds, lots and refundables that are wrong anew from the entries. Implies `whole`. */
  repair?: boolean | undefined;
  /** Called after every stretch of entries, at least once for each 200 accounts. */
  onProgress?: ((progress: { accounts: number; entries: number; problems: number }) => void) | undefined;
}

export interface VerificationView {
  ok: boolean;
  whole: boolean;
  startedAt: Date;
  finishedAt: Date;
  checkedAccounts: number;
  checkedEntries: number;
  /** How many problems there are. */
  problemCount: number;
  /** The first 100 of them. */
  problems: Problem[];
  /** How many accounts had their projections written anew. */
  repairedAccounts: number;
}

const ACCOUNTS = 200;

/**
 * Checks that nobody has changed the ledger: that the entries of each account follow one another without a gap, add up,
 * and are what their hashes say; that the heads stand where the newest entries say; that transfers cancel out, and that
 * holds, lots and refundables are what the entries say. Works beside the postings and locks nothing. What was found good
 * is remembered, so that the next run looks only at what is new.
 */
export async function verifyLedger(scope: Scope, input: VerifyInput = {}): Promise<VerificationView> {
  const { repair = false, whole = repair, onProgress } = input;
  const startedAt = scope.now();
  const problems = new Problems();
  const done = { accounts: 0, entries: 0 };
  const tell = (): void => onProgress?.({ ...done, problems: problems.count });
  for await (const accounts of accountsToVerify(scope, whole)) {
    const ends: Verified[] = [];
    for (const account of accounts) {
      ends.push(
        await verifyAccount(scope, account, {
          whole,
          problems,
          onStretch: (entries) => ((done.entries += entries), tell()),
        }),
      );
    }
    await checkHeads(
      scope,
      accounts.map(({ accountId }) => accountId),
      problems,
    );
    await remember(
      scope,
      ends.filter(({ accountId, seq }) => seq > 0 && !problems.accounts.has(accountId)),
    );
    done.accounts += accounts.length;
    tell();
  }
  const repairable = repair ? repairableOf(problems) : [];
  if (repairable.length > 0) await repairProjections(scope, repairable);
  const view: VerificationView = {
    ok: problems.count === 0,
    whole,
    startedAt,
    finishedAt: scope.now(),
    checkedAccounts: done.accounts,
    checkedEntries: done.entries,
    problemCount: problems.count,
    problems: problems.first,
    repairedAccounts: repairable.length,
  };
  await store(scope, view);
  return view;
}

/** Only where the entries themselves are good is there something to repair from. */
function repairableOf({ first }: Problems): string[] {
  const broken = new Set(first.filter(({ kind }) => !kind.startsWith('projection.')).map(({ accountId }) => accountId));
  return [...new Set(first.map(({ accountId }) => accountId))].filter((id) => !broken.has(id));
}

async function* accountsToVerify(scope: Scope, whole: boolean): AsyncGenerator<Verified[], void, undefined> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await scope.database.read<{ id: string; seq: unknown; hash: Buffer | null }>(
      `select a.id, ${whole ? '0' : 'coalesce(v.seq, 0)'} as seq, v.hash from credit_account a
       left join credit_verified v on v.account_id = a.id
       where a.kind = 'user' and a.id > ? ${whole ? '' : 'and a.seq <> coalesce(v.seq, 0)'} order by a.id limit ?`,
      [after, ACCOUNTS],
    );
    if (rows.length > 0) {
      yield rows.map((row) => ({ accountId: row.id, seq: wholeNumber(row.seq), hash: row.hash ?? Buffer.alloc(0) }));
    }
    if (rows.length < ACCOUNTS) return;
    after = rows.at(-1)?.id ?? after;
  }
}

interface Verifying {
  readonly whole: boolean;
  readonly problems: Problems;
  readonly onStretch: (entries: number) => void;
}

/** Gives how far the account reaches. */
async function verifyAccount(
  scope: Scope,
  from: Verified,
  { whole, problems, onStretch }: Verifying,
): Promise<Verified> {
  let last = from.seq === 0 ? undefined : await verifiedEntry(scope, from, problems);
  const sums: LotSums = new Map();
  for await (const entries of stretchesOf(scope, from.accountId, from.seq)) {
    checkChain(entries, last, problems);
    await checkNamed(scope, entries, problems);
    if (whole) addLots(sums, entries);
    last = entries.at(-1);
    onStretch(entries.length);
  }
  const end = { accountId: from.accountId, seq: last?.seq ?? 0, hash: last?.hash ?? Buffer.alloc(0) };
  if (whole) await checkLots(scope, end, sums, problems);
  return end;
}

/** The entry that the last good run ended with: it must still be there, as it was. */
async function verifiedEntry(
  scope: Scope,
  { accountId, seq, hash }: Verified,
  problems: Problems,
): Promise<Entry | undefined> {
  const [row] = await scope.database.read<EntryRow>('select * from credit_entry where account_id = ? and seq = ?', [
    accountId,
    seq,
  ]);
  const entry = row === undefined ? undefined : entryOf(row, scope.database.dialect);
  if (entry === undefined || !entry.hash.equals(hash)) problems.add('entry.chain', accountId, { seq });
  return entry;
}

async function remember(scope: Scope, ends: readonly Verified[]): Promise<void> {
  if (ends.length === 0) return;
  const among = amongRows(
    scope.database.dialect,
    { account_id: 'uuid', seq: 'integer' },
    ends.map(({ accountId, seq }) => ({ account_id: accountId, seq })),
  );
  await scope.database.read(
    `insert into credit_verified (account_id, seq, hash) select account_id, seq, hash from credit_entry where ${among.sql}
     on conflict (account_id) do update set seq = excluded.seq, hash = excluded.hash`,
    among.params,
  );
}

async function store(scope: Scope, view: VerificationView): Promise<void> {
  await scope.database.read(
    `insert into ledger_verification (id, started_at, finished_at, whole, ok, checked_entries, problems) values (?, ?, ?, ?, ?, ?, ?)`,
    [
      scope.newId(),
      view.startedAt,
      view.finishedAt,
      view.whole,
      view.ok,
      view.checkedEntries,
      JSON.stringify(view.problems),
    ],
  );
}

/** How the last verification ended; undefined before the first. */
export interface LastVerification {
  ok: boolean;
  whole: boolean;
  finishedAt: Date;
  checkedEntries: number;
  problems: Problem[];
}

export async function lastVerification(scope: Scope): Promise<LastVerification | undefined> {
  const [row] = await scope.database.read<Record<keyof LastVerification | 'finished_at' | 'checked_entries', unknown>>(
    'select * from ledger_verification order by id desc limit 1',
  );
  return (
    row && {
      ok: Boolean(row.ok),
      whole: Boolean(row.whole),
      finishedAt: scope.database.dialect.fromTime(row.finished_at),
      checkedEntries: wholeNumber(row.checked_entries),
      problems: fromJson<Problem[]>(row.problems),
    }
  );
}
