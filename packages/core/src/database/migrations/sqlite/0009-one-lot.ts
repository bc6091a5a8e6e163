import { Migration } from '@mikro-orm/migrations';

/**
 * Most entries move one lot. Opening a list of one with `json_each` took longer than all else that an entry does, so that case has a
 * trigger of its own; what is promised stays the same.
 */
export class OneLot extends Migration {
  override up(): void {
    for (const trigger of ['credit_entry_lots', 'credit_entry_lots_sum', 'credit_lot_guard']) {
      this.addSql(`drop trigger ${trigger}`);
    }
    for (const sql of [LOT, LOTS, LOTS_SUM, LOT_GUARD]) this.addSql(sql);
  }
}

const MOVES_ONE = `json_array_length(new.lots) = 1 and new.lots ->> '$[0].category' is null`;

const NAMED = `id = new.lots ->> '$[0].lot' and account_id = new.account_id`;

/** Only what empties a lot, or fills an empty one, writes `live`: three indexes have it. */
const LOT = `
  create trigger credit_entry_lot after insert on credit_entry when ${MOVES_ONE} begin
    update credit_lot set remaining = remaining + (new.lots ->> '$[0].amount'), seq = new.seq
      where ${NAMED} and live = (remaining + (new.lots ->> '$[0].amount') > 0);
    update credit_lot set remaining = remaining + (new.lots ->> '$[0].amount'), seq = new.seq, live = not live
      where ${NAMED} and changes() = 0;
    select raise(abort, 'credit_entry: moves a lot that is not of its account')
      where not exists (select 1 from credit_lot where ${NAMED} and seq = new.seq);
  end`;

/** ISO 8601 with milliseconds, as an entry writes it, to milliseconds, as a column stores it. */
const EXPIRES_MS = `coalesce(cast(round(unixepoch(c.value ->> 'expires', 'subsec') * 1000) as integer), 253402300799999)`;

const LOTS = `
  create trigger credit_entry_lots after insert on credit_entry when new.lots is not null and not (${MOVES_ONE}) begin
    insert into credit_lot (id, account_id, tx_id, paid, priority, amount, remaining, seq, expires_at, created_at)
      select c.value ->> 'lot', new.account_id, new.tx_id, c.value ->> 'category' = 'paid', c.value ->> 'priority',
        c.value ->> 'amount', c.value ->> 'amount', new.seq, ${EXPIRES_MS}, new.created_at
      from json_each(new.lots) c where c.value ->> 'category' is not null;
    update credit_lot
      set remaining = remaining + (select c.value ->> 'amount' from json_each(new.lots) c where c.value ->> 'lot' = credit_lot.id),
        live = remaining + (select c.value ->> 'amount' from json_each(new.lots) c where c.value ->> 'lot' = credit_lot.id) > 0,
        seq = new.seq
      where account_id = new.account_id
        and id in (select c.value ->> 'lot' from json_each(new.lots) c where c.value ->> 'category' is null);
    select raise(abort, 'credit_entry: moves a lot that is not of its account')
      where changes() <> (select count(*) from json_each(new.lots) c where c.value ->> 'category' is null);
  end`;

const LOT_CHANGE = `max(new.balance_after, 0) - max(new.balance_after - new.amount, 0)`;

const LOTS_SUM = `
  create trigger credit_entry_lots_sum before insert on credit_entry when
    case
      when new.lots is null then ${LOT_CHANGE} <> 0
      when json_array_length(new.lots) = 1 then new.lots ->> '$[0].amount' is not ${LOT_CHANGE}
      else (${LOT_CHANGE}, abs(${LOT_CHANGE})) <> (
        select coalesce(sum(c.value ->> 'amount'), 0), coalesce(sum(abs(c.value ->> 'amount')), 0) from json_each(new.lots) c)
    end
  begin select raise(abort, 'credit_entry: the lots move by what the balance moves'); end`;

const LOT_GUARD = `
  create trigger credit_lot_guard before update on credit_lot
  when new.seq <= old.seq or not exists (
    select 1 from credit_entry e
    where e.account_id = new.account_id and e.seq = new.seq and (
      (json_array_length(e.lots) = 1 and e.lots ->> '$[0].lot' = new.id)
      or exists (select 1 from json_each(e.lots) c where c.value ->> 'lot' = new.id)))
  begin select raise(abort, 'credit_lot: moves only with its entries'); end`;
