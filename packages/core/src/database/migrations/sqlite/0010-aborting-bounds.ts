import { Migration } from '@mikro-orm/migrations';

/**
 * What a CHECK refuses, `insert or ignore` passes over, and `insert or fail` leaves half done: triggers inherit that from the
 * statement that fires them. So every bound that an entry moves is asked for by a trigger that aborts the whole statement,
 * and `lots` must be written in the one way that nobody can read otherwise: of two members with one name, SQLite takes the first and
 * JavaScript the last.
 */
export class AbortingBounds extends Migration {
  override up(): void {
    for (const [name, { when, message }] of Object.entries(REFUSALS)) {
      this.addSql(`create trigger ${name} ${when} begin select raise(abort, '${message}'); end`);
    }
  }
}

const MAX = '9007199254740991';

const move = (value: string): string => `json_object('lot', ${value} ->> 'lot', 'amount', ${value} ->> 'amount')`;

const birth = (value: string): string =>
  `json_object('lot', ${value} ->> 'lot', 'amount', ${value} ->> 'amount', 'category', ${value} ->> 'category',
    'priority', ${value} ->> 'priority', 'expires', ${value} ->> 'expires')`;

const isMistyped = (value: string): string =>
  `typeof(${value} ->> 'lot') <> 'text' or typeof(${value} ->> 'amount') <> 'integer'`;

const REFUSALS = {
  credit_entry_lots_written: {
    when: `before insert on credit_entry when new.lots is not null and case
      when typeof(new.lots) <> 'text' or not json_valid(new.lots) or json_type(new.lots) <> 'array' then true
      when json_array_length(new.lots) = 1 and new.lots ->> '$[0].category' is null then
        ${isMistyped(`(new.lots -> 0)`)} or new.lots <> json_array(${move('(new.lots -> 0)')})
      else new.lots <> json(new.lots) or exists (
        select 1 from json_each(new.lots) c
        where c.type <> 'object' or ${isMistyped('c.value')} or case
          when c.value ->> 'category' is null then c.value <> ${move('c.value')}
          else c.value ->> 'category' not in ('paid','promo') or typeof(c.value ->> 'priority') <> 'integer'
            or c.value ->> 'priority' not between 0 and 100 or c.value ->> 'amount' < 1 or c.value <> ${birth('c.value')}
        end)
      end`,
    message: 'credit_entry: the lots are not written as they are read',
  },
  credit_account_bounds: {
    when: `before update on credit_account
      when new.balance > new.ceiling or new.balance not between -${MAX} and ${MAX} or new.held < 0 or new.seq < 0`,
    message: 'credit_account: the limits do not allow this balance',
  },
  credit_lot_bounds: {
    when: `before update on credit_lot
      when typeof(new.remaining) <> 'integer' or new.remaining not between 0 and new.amount
        or new.live <> (new.remaining > 0)`,
    message: 'credit_lot: more than it has, or than it was',
  },
  credit_hold_bounds_born: {
    when: `before insert on credit_hold
      when typeof(new.amount) <> 'integer' or new.amount < 1 or new.expires_at is null or new.open <> 1`,
    message: 'credit_hold: of a whole amount, for a time',
  },
  credit_hold_bounds: {
    when: `before update on credit_hold
      when new.captured < 0 or new.released < 0 or new.captured + new.released > new.amount
        or new.open <> (new.captured + new.released < new.amount)`,
    message: 'credit_hold: more than was set aside',
  },
};
