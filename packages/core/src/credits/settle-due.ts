import { requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import type { Owner } from './accounts.ts';

const ACCOUNTS_DEFAULT = 100;
const ACCOUNTS_MAX = 1_000;

export interface SettledView {
  /** How many accounts had something due. Fewer than the limit: there was no more. */
  accounts: number;
}

/**
 * Posts the expiries that are due on up to `limit` accounts (1 to 1,000; 100 unless told), the longest due first. For the
 * background: balances and postings are right without it, because whatever looks at an account counts what is due.
 *
 * @throws InvalidInput
 * @throws the first failure, after all others were settled
 */
export async function settleDue(
  scope: Scope,
  { limit = ACCOUNTS_DEFAULT }: { limit?: number } = {},
): Promise<SettledView> {
  requireValid(
    Number.isInteger(limit) && limit >= 1 && limit <= ACCOUNTS_MAX
      ? undefined
      : { field: 'limit', code: 'out_of_range', message: `must be a whole number from 1 to ${ACCOUNTS_MAX}` },
  );
  const owners = await ownersWithDues(scope, limit);
  const settled = await Promise.allSettled(owners.map((owner) => scope.postings.settleDue(owner)));
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return { accounts: owners.length };
}

/** Expired credits that are kept because they are held are not due yet. */
async function ownersWithDues(scope: Scope, limit: number): Promise<Owner[]> {
  const rows = await scope.database.read<{ owner_id: string; unit: string }>(
    `select a.owner_id, a.unit from (
       select account_id, min(due_at) as due_at from (
         select h.account_id, h.expires_at as due_at from credit_hold h where h.open and h.expires_at <= ?
         union all
         select l.account_id, min(l.expires_at) from credit_lot l join credit_account b on b.id = l.account_id
         where l.live and l.expires_at <= ? group by l.account_id, b.held having sum(l.remaining) > b.held
       ) dues group by account_id
     ) due join credit_account a on a.id = due.account_id
     where a.status <> 'closed' order by due.due_at limit ?`,
    [scope.now(), scope.now(), limit],
  );
  return rows.map((row) => ({ userId: row.owner_id, unit: row.unit }));
}

/** Posts what is due on one account, if anything may be, so that its entries say what its balance does. */
export async function settleFirst(scope: Scope, owner: Owner): Promise<void> {
  const now = scope.now();
  const due = await scope.database.read(
    `select 1 from credit_account a where a.owner_id = ? and a.unit = ? and a.status <> 'closed' and (
       exists (select 1 from credit_lot l where l.account_id = a.id and l.live and l.expires_at <= ?)
       or exists (select 1 from credit_hold h where h.account_id = a.id and h.open and h.expires_at <= ?))`,
    [owner.userId, owner.unit, now, now],
  );
  if (due.length > 0) await scope.postings.settleDue(owner);
}
