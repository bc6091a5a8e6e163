import type { SqlValue } from '../database/index.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { parseLimit, type Stretch } from '../kernel/page.ts';
import type { Scope } from '../scope.ts';
import { findAccount, type Owner } from './accounts.ts';
import { lastSeqBefore, timeProblem } from './entries-in-time.ts';
import { ENTRY_KINDS, type EntryKind } from './entities.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import { TransactionMissing } from './errors.ts';
import { UNIT_DEFAULT, unitProblem } from './operation.ts';
import { settleFirst } from './settle-due.ts';
import { viewOf, type TransactionView } from './views.ts';

export interface HistoryFilter {
  userId: string;
  unit?: string | undefined;
  type?: EntryKind | undefined;
  /** From this time on. */
  from?: Date | undefined;
  /** Before this time. */
  to?: Date | undefined;
  /** `nextCursor` of the stretch before. */
  cursor?: string | undefined;
  /** 1 to 100; 20 unless told. */
  limit?: number | undefined;
}

/**
 * A user's transactions, newest first. What is posted meanwhile moves no later stretch, and each costs the same at any depth.
 *
 * @throws InvalidInput naming the field at fault
 * @throws UserMissing
 */
export async function listTransactions(scope: Scope, filter: HistoryFilter): Promise<Stretch<TransactionView>> {
  const limit = parseLimit(filter.limit);
  const { userId, unit = UNIT_DEFAULT, type, cursor } = filter;
  const before = cursor === undefined ? undefined : seqAt(cursor);
  requireValid(
    checkId('userId', userId),
    unitProblem(unit),
    typeProblem(type),
    timeProblem('from', filter.from),
    timeProblem('to', filter.to),
    cursorProblem(before),
  );
  const owner = { userId, unit };
  if (before === undefined) await settleFirst(scope, owner);
  const accountId = await findAccount(scope, owner);
  if (accountId === undefined) return { data: [], limit, nextCursor: null };
  const { where, params } = await conditions(scope, accountId, { ...filter, before });
  // One more than asked for tells whether there is a next stretch.
  const rows = await scope.database.read<EntryRow>(
    `select * from credit_entry where ${where} order by seq desc limit ?`,
    [...params, limit + 1],
  );
  const entries = rows.slice(0, limit).map((row) => entryOf(row, scope.database.dialect));
  const last = entries.at(-1);
  return {
    data: entries.map((entry) => viewOf(entry, owner)),
    limit,
    nextCursor: rows.length > limit && last !== undefined ? cursorAt(last.seq) : null,
  };
}

/**
 * One transaction by its id; with `userId`, only if it is that user's. Of a transfer that is the sender's side, or with
 * `userId` that user's.
 *
 * @throws InvalidInput when an id is no UUID
 * @throws TransactionMissing
 */
export async function findTransaction(scope: Scope, name: TransactionName): Promise<TransactionView> {
  const { entry, owner } = await findEntry(scope, name);
  return viewOf(entry, owner);
}

export interface TransactionName {
  id: string;
  userId?: string | undefined;
}

/** The ledger's own entry of a transaction, as `findTransaction` finds it. */
export async function findEntry(
  scope: Scope,
  { id, userId }: TransactionName,
): Promise<{ entry: Entry; owner: Owner }> {
  requireValid(checkId('id', id), userId === undefined ? undefined : checkId('userId', userId));
  const rows = await scope.database.read<EntryRow & { owner_id: string; unit: string }>(
    `select e.*, a.owner_id, a.unit from credit_entry e join credit_account a on a.id = e.account_id where e.tx_id = ? order by e.leg`,
    [id],
  );
  const row = rows.find((leg) => userId === undefined || leg.owner_id === userId);
  if (row === undefined) throw new TransactionMissing(id);
  return { entry: entryOf(row, scope.database.dialect), owner: { userId: row.owner_id, unit: row.unit } };
}

/** Times become places in the account, so that every stretch is read from an index at its place. */
async function conditions(
  scope: Scope,
  accountId: string,
  { type, from, to, before }: HistoryFilter & { before: number | undefined },
): Promise<{ where: string; params: SqlValue[] }> {
  const chosen: [sql: string, value: SqlValue | undefined][] = [
    ['account_id = ?', accountId],
    ['seq < ?', before],
    [type === 'spend' ? 'kind = ?' : `kind = ? and ${INDEXED_KINDS}`, type],
    ['seq > ?', from && (await lastSeqBefore(scope, accountId, from))],
    ['seq <= ?', to && (await lastSeqBefore(scope, accountId, to))],
  ];
  const used = chosen.filter((condition): condition is [string, SqlValue] => condition[1] !== undefined);
  return { where: used.map(([sql]) => sql).join(' and '), params: used.map(([, value]) => value) };
}

/** As `credit_entry_kind_index` says it: spends, which most entries are, are found by going through the account. */
export const INDEXED_KINDS = `kind <> 'spend'`;

function cursorAt(seq: number): string {
  return Buffer.from(`seq:${seq}`).toString('base64url');
}

/** NaN for a text that no stretch has ended with. */
function seqAt(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const seq = /^seq:[1-9]\d{0,15}$/.test(text) ? Number(text.slice('seq:'.length)) : Number.NaN;
  return Number.isSafeInteger(seq) && cursorAt(seq) === cursor ? seq : Number.NaN;
}

function cursorProblem(seq: number | undefined): FieldProblem | undefined {
  return Number.isNaN(seq)
    ? { field: 'cursor', code: 'unknown', message: 'must be the next_cursor of an earlier answer' }
    : undefined;
}

function typeProblem(type: EntryKind | undefined): FieldProblem | undefined {
  if (type === undefined || ENTRY_KINDS.includes(type)) return undefined;
  return { field: 'type', code: 'unknown', message: `must be one of ${ENTRY_KINDS.join(', ')}` };
}
