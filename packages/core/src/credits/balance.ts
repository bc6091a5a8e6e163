import { checkId, requireValid } from '../kernel/fields.ts';
import { fromJson } from '../kernel/json.ts';
import type { Scope } from '../scope.ts';
import { UserMissing } from '../users/index.ts';
import { HEAD_COLUMNS, headOf, type HeadRow, type Owner } from './accounts.ts';
import { availableOf, settle, type Head } from './apply.ts';
import { NEVER } from './lots.ts';
import { UNIT_DEFAULT, unitProblem } from './operation.ts';
import { holdOf, lotOf, type HoldRow, type LotRow } from './rows.ts';
import { AMOUNT_MAX, wholeNumber } from './whole-number.ts';

/** All in credits. */
export interface BalanceView {
  userId: string;
  unit: string;
  balance: number;
  /** Set aside for spends that are not captured yet. */
  held: number;
  /** What can be spent now. Negative after a clawback of what was spent. */
  available: number;
  /** The least that the balance without what is held may be: 0, or a credit limit below it. */
  floor: number;
  /** The most that the balance may be; null for as much as a number holds. */
  ceiling: number | null;
  /** What expires next, unless it is spent before. */
  expiresNext: { amount: number; at: Date } | null;
}

/**
 * A user's credits as of now, also when what has expired meanwhile has not been posted yet; zero before the first posting.
 *
 * @throws InvalidInput when the id is no UUID or the unit no unit
 * @throws UserMissing
 */
export async function readBalance(
  scope: Scope,
  { userId, unit = UNIT_DEFAULT }: { userId: string; unit?: string | undefined },
): Promise<BalanceView> {
  requireValid(checkId('userId', userId), unitProblem(unit));
  const [row] = await scope.database.read<AccountRow>(balanceQuery(scope), [...times(scope.now()), unit, userId]);
  if (row === undefined) throw new UserMissing(userId);
  return row.id === null ? emptyView({ userId, unit }) : viewOf(scope, row);
}

function emptyView(owner: Owner): BalanceView {
  return { ...owner, balance: 0, held: 0, available: 0, floor: 0, ceiling: null, expiresNext: null };
}

type PresentRow = HeadRow & { lots: unknown; holds: unknown; expires_next: unknown };
type AccountRow = PresentRow | (Record<keyof PresentRow, unknown> & { id: null });

const times = (now: Date): Date[] => [now, now, now, now, now, now, NEVER];

/** The account's own time never goes back, whatever the clock does. */
const TIME = 'case when a.head_at > ? then a.head_at else ? end';

/** The account with all that may be due in one statement, so that all of it is of one moment. */
function balanceQuery({ database: { dialect } }: Scope): string {
  const object = { sqlite: 'json_object', postgresql: 'json_build_object' }[dialect.name];
  const written = (columns: readonly string[]): string =>
    `${object}(${columns.map((name) => `'${name}', x.${name}`).join(', ')})`;
  const listed = (columns: readonly string[], table: string, flag: string): string =>
    `(select ${dialect.jsonArrayOf(written(columns))} from ${table} x where x.account_id = a.id and x.${flag} and x.expires_at <= ${TIME})`;
  return `select ${HEAD_COLUMNS.replaceAll(/\w+/g, 'a.$&')}, u.id as user_id,
      ${listed(LOT_COLUMNS, 'credit_lot', 'live')} as lots, ${listed(HOLD_COLUMNS, 'credit_hold', 'open')} as holds,
      (select ${object}('at', x.expires_at, 'amount', sum(x.remaining)) from credit_lot x
        where x.account_id = a.id and x.live and x.expires_at > ${TIME} and x.expires_at < ?
        group by x.expires_at order by x.expires_at limit 1) as expires_next
    from users u left join credit_account a on a.owner_id = u.id and a.unit = ? where u.id = ?`;
}

const LOT_COLUMNS = [
  'id',
  'account_id',
  'tx_id',
  'paid',
  'priority',
  'remaining',
  'expires_at',
  'created_at',
] as const satisfies readonly (keyof LotRow)[];
const HOLD_COLUMNS = [
  'id',
  'account_id',
  'amount',
  'captured',
  'released',
  'expires_at',
] as const satisfies readonly (keyof HoldRow)[];

function viewOf(scope: Scope, row: PresentRow): BalanceView {
  const { dialect } = scope.database;
  const head = settled(scope, headOf(row, dialect.fromTime), row);
  const next = fromJson<{ at: unknown; amount: unknown } | null>(row.expires_next);
  return {
    userId: head.userId,
    unit: head.unit,
    balance: head.balance,
    held: head.held,
    // With a low floor more may be available than a number holds exactly; nobody can spend it at once.
    available: Math.min(AMOUNT_MAX, availableOf(head)),
    floor: head.floor,
    ceiling: head.ceiling,
    expiresNext: next && { amount: wholeNumber(next.amount), at: dialect.fromTime(next.at) },
  };
}

/** Where the account will stand once what is due has been posted. */
function settled(scope: Scope, head: Head, row: PresentRow): Head {
  const { dialect } = scope.database;
  const lots = (fromJson<LotRow[] | null>(row.lots) ?? []).map((lot) => lotOf(lot, dialect));
  const holds = (fromJson<HoldRow[] | null>(row.holds) ?? []).map((hold) => holdOf(hold, dialect));
  return settle({ head, lots, holds }, { now: scope.now(), newId: scope.newId }).at(-1)?.head ?? head;
}
