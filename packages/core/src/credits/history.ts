import type { SqlValue } from '../database/index.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { parseLimit, type Stretch } from '../kernel/page.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { ENTRY_KINDS, type EntryKind } from './entities.ts';
import { entryOf, type EntryRow } from './entry.ts';
import { TransactionMissing } from './errors.ts';
import { viewOf, type TransactionView } from './views.ts';

export interface HistoryFilter {
  userId: string;
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
  const { where, params } = conditions(filter);
  // One more than asked for tells whether there is a next stretch.
  const rows = await scope.database.read<EntryRow>(
    `select * from credit_entry where ${where} order by seq desc limit ?`,
    [...params, limit + 1],
  );
  if (rows.length === 0) await requireUser(scope, filter.userId);
  const entries = rows.slice(0, limit).map((row) => entryOf(row, scope.database.dialect));
  const last = entries.at(-1);
  return {
    data: entries.map((entry) => viewOf(entry, filter.userId)),
    limit,
    nextCursor: rows.length > limit && last !== undefined ? cursorAt(last.seq) : null,
  };
}

/**
 * One transaction by its id; with `userId`, only if it is that user's.
 *
 * @throws InvalidInput when an id is no UUID
 * @throws TransactionMissing
 */
export async function findTransaction(
  scope: Scope,
  { id, userId }: { id: string; userId?: string | undefined },
): Promise<TransactionView> {
  requireValid(checkId('id', id), userId === undefined ? undefined : checkId('userId', userId));
  const [row] = await scope.database.read<EntryRow & { owner_id: string }>(
    `select e.*, a.owner_id from credit_entry e join credit_account a on a.id = e.account_id where e.tx_id = ? and e.leg = 0`,
    [id],
  );
  if (row === undefined || (userId !== undefined && row.owner_id !== userId)) throw new TransactionMissing(id);
  return viewOf(entryOf(row, scope.database.dialect), row.owner_id);
}

function conditions({ userId, type, from, to, cursor }: HistoryFilter): { where: string; params: SqlValue[] } {
  const before = cursor === undefined ? undefined : seqAt(cursor);
  requireValid(
    checkId('userId', userId),
    typeProblem(type),
    timeProblem('from', from),
    timeProblem('to', to),
    cursorProblem(before),
  );
  const chosen: [sql: string, value: SqlValue | undefined][] = [
    [`account_id = (select id from credit_account where owner_id = ? and unit = 'credit')`, userId],
    ['seq < ?', before],
    ['kind = ?', type],
    ['created_at >= ?', from],
    ['created_at < ?', to],
  ];
  const used = chosen.filter((condition): condition is [string, SqlValue] => condition[1] !== undefined);
  return { where: used.map(([sql]) => sql).join(' and '), params: used.map(([, value]) => value) };
}

async function requireUser(scope: Scope, userId: string): Promise<void> {
  const rows = await scope.database.read('select 1 from users where id = ?', [userId]);
  if (rows.length === 0) throw new UserMissing(userId);
}

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

function timeProblem(field: string, time: Date | undefined): FieldProblem | undefined {
  return time === undefined || !Number.isNaN(time.getTime())
    ? undefined
    : { field, code: 'not_a_time', message: 'must be a time' };
}
