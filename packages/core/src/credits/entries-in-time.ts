import type { FieldProblem } from '../kernel/errors.ts';
import type { Scope } from '../scope.ts';
import { wholeNumber } from './whole-number.ts';

/**
 * The `seq` of an account's newest entry before a time; 0 when there is none. Time never goes back in an account, so it
 * is found by halving: some 24 look-ups by primary key among ten million entries, and no index on time to keep.
 */
export async function lastSeqBefore(scope: Scope, accountId: string, time: Date): Promise<number> {
  const [row] = await scope.database.read<{ seq: unknown }>(
    `with recursive search (low, high) as (
       select cast(0 as bigint), seq from credit_account where id = ?
       union all
       select case when e.created_at < ? then e.seq else s.low end, case when e.created_at < ? then s.high else e.seq - 1 end
       from search s join credit_entry e on e.account_id = ? and e.seq = (s.low + s.high + 1) / 2
       where s.low < s.high
     )
     select low as seq from search where low = high`,
    [accountId, time, time, accountId],
  );
  return wholeNumber(row?.seq ?? 0);
}

export function timeProblem(field: string, time: unknown): FieldProblem | undefined {
  return time === undefined || (time instanceof Date && !Number.isNaN(time.getTime()))
    ? undefined
    : { field, code: 'not_a_time', message: 'must be a time' };
}
