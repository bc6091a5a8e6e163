import { checkId, requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import { findAccount, type Owner } from './accounts.ts';
import { standingAfter } from './balance-at.ts';
import { lastSeqBefore, timeProblem } from './entries-in-time.ts';
import type { EntryKind } from './entities.ts';
import { entryOf, type EntryRow } from './entry.ts';
import { UNIT_DEFAULT, unitProblem } from './operation.ts';
import { settleFirst } from './settle-due.ts';
import { viewOf, type TransactionView } from './views.ts';
import { wholeNumber } from './whole-number.ts';

export interface StatementInput {
  userId: string;
  unit?: string | undefined;
  /** From this time on. */
  from: Date;
  /** Before this time. */
  to: Date;
}

/** What happened on an account between two times: the opening balance and all amounts together make the closing one. */
export interface Statement {
  userId: string;
  unit: string;
  from: Date;
  to: Date;
  opening: { balance: number; held: number };
  closing: { balance: number; held: number };
  /** For each type that occurs, how many transactions there were and the sum of their amounts. */
  totals: { type: EntryKind; count: number; amount: number }[];
  /** The transactions, oldest first, read in stretches of 500. What is posted meanwhile is not among them. */
  readonly entries: () => AsyncGenerator<TransactionView, void, undefined>;
}

/**
 * @throws InvalidInput naming the field at fault
 * @throws UserMissing
 */
export async function readStatement(scope: Scope, input: StatementInput): Promise<Statement> {
  const { userId, unit = UNIT_DEFAULT, from, to } = input;
  requireValid(
    checkId('userId', userId),
    unitProblem(unit),
    timeProblem('from', from ?? null),
    timeProblem('to', to ?? null) ??
      (from > to ? { field: 'to', code: 'out_of_range', message: 'must not be before from' } : undefined),
  );
  const owner = { userId, unit };
  await settleFirst(scope, owner);
  const accountId = await findAccount(scope, owner);
  if (accountId === undefined) return { ...owner, from, to, ...NOTHING };
  const [first, last] = await Promise.all([lastSeqBefore(scope, accountId, from), lastSeqBefore(scope, accountId, to)]);
  const range = { accountId, first, last };
  const [opening, closing, totals] = await Promise.all([
    standingAfter(scope, accountId, first),
    standingAfter(scope, accountId, last),
    totalsOf(scope, range),
  ]);
  return { ...owner, from, to, opening, closing, totals, entries: () => entriesOf(scope, owner, range) };
}

const NOTHING = {
  opening: { balance: 0, held: 0 },
  closing: { balance: 0, held: 0 },
  totals: [],
  async *entries(): AsyncGenerator<TransactionView, void, undefined> {},
} satisfies Partial<Statement>;

/** Entries after `first`, up to `last`. */
interface SeqRange {
  readonly accountId: string;
  readonly first: number;
  readonly last: number;
}

async function totalsOf(scope: Scope, { accountId, first, last }: SeqRange): Promise<Statement['totals']> {
  const rows = await scope.database.read<{ kind: EntryKind; count: unknown; amount: unknown }>(
    `select kind, count(*) as count, sum(amount) as amount from credit_entry
     where account_id = ? and seq > ? and seq <= ? group by kind order by kind`,
    [accountId, first, last],
  );
  return rows.map((row) => ({ type: row.kind, count: wholeNumber(row.count), amount: wholeNumber(row.amount) }));
}

const STRETCH = 500;

async function* entriesOf(
  scope: Scope,
  owner: Owner,
  { accountId, first, last }: SeqRange,
): AsyncGenerator<TransactionView, void, undefined> {
  for (let after = first; after < last; after += STRETCH) {
    const rows = await scope.database.read<EntryRow>(
      'select * from credit_entry where account_id = ? and seq > ? and seq <= ? order by seq',
      [accountId, after, Math.min(after + STRETCH, last)],
    );
    for (const row of rows) yield viewOf(entryOf(row, scope.database.dialect), owner);
  }
}
