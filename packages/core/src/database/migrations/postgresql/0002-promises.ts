import { Migration } from '@mikro-orm/migrations';

/**
 * What the database itself refuses, even of our own code: history that changes, a balance that moves without the
 * entry that explains it, a gap, a forged sum, a stale head, a broken chain, time that runs backwards, a refund beyond
 * its spend. Errors carry SQLSTATE CL001 to CL006.
 */
export class Promises extends Migration {
  override up(): void {
    // Heads change all the time: room in the page keeps a new version beside the old one, and out of the indexes.
    this.addSql(`alter table credit_account set (fillfactor = 50)`);
    this.addSql(APPEND_ONLY);
    for (const table of ['credit_entry', 'audit_entry']) {
      this.addSql(`create trigger ${table}_immutable before update or delete on ${table}
        for each row execute function refuse_change()`);
      this.addSql(`create trigger ${table}_no_truncate before truncate on ${table}
        for each statement execute function refuse_change()`);
    }
    for (const table of ['credit_account', 'credit_refundable']) {
      this.addSql(`create trigger ${table}_no_delete before delete on ${table}
        for each row execute function refuse_change()`);
      this.addSql(`create trigger ${table}_no_truncate before truncate on ${table}
        for each statement execute function refuse_change()`);
    }
    this.addSql(`create trigger credit_account_born_empty before insert on credit_account for each row
      when (new.balance <> 0 or new.held <> 0 or new.seq <> 0 or new.head_hash <> '\\x' or new.head_at is not null)
      execute function refuse_change()`);
    this.addSql(`create trigger credit_account_identity before update on credit_account for each row
      when ((old.id, old.owner_id, old.unit, old.kind, old.name, old.created_at)
        is distinct from (new.id, new.owner_id, new.unit, new.kind, new.name, new.created_at))
      execute function refuse_change()`);
    this.addSql(`create trigger credit_refundable_identity before update on credit_refundable for each row
      when ((old.tx_id, old.account_id, old.amount) is distinct from (new.tx_id, new.account_id, new.amount)
        or new.refunded <= old.refunded)
      execute function refuse_change()`);
    this.addSql(POST);
    this.addSql(`create trigger credit_entry_post after insert on credit_entry
      referencing new table as posted for each statement execute function credit_post()`);
    this.addSql(GUARD);
    this.addSql(`create trigger credit_account_guard after update on credit_account for each row
      when ((old.balance, old.held, old.seq, old.head_hash, old.head_at)
        is distinct from (new.balance, new.held, new.seq, new.head_hash, new.head_at))
      execute function credit_account_guard()`);
    this.addSql(REFUNDABLE_GUARD);
    for (const [trigger, event] of [
      ['born', 'insert'],
      ['guard', 'update'],
    ] as const) {
      this.addSql(`create trigger credit_refundable_${trigger} after ${event} on credit_refundable
        referencing new table as changed for each statement execute function credit_refundable_guard()`);
    }
  }
}

const APPEND_ONLY = `
  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is immutable: % refused', tg_table_name, tg_op using errcode = 'CL001';
  end $$`;

/**
 * Moves the heads and what is left to refund. Set-based: one statement may post many entries to many accounts. What a
 * writer raced past (a newer head, a freeze) is seen by the update, which looks at the newest version of the row.
 */
const POST = `
  create function credit_post() returns trigger language plpgsql as $$
  declare
    accounts int;
    entries int;
    spends int;
    refunds int;
    moved int;
  begin
    select count(distinct account_id), count(*), count(*) filter (where kind = 'spend'), count(*) filter (where kind = 'refund')
      into accounts, entries, spends, refunds from posted;
    if entries > accounts and exists (
      select 1 from (
        select seq, amount, held_delta, balance_after, held_after, prev_hash, created_at,
          lag(created_at) over w as created_before, lag(seq) over w as seq_before,
          lag(balance_after) over w as balance_before, lag(held_after) over w as held_before, lag(hash) over w as hash_before
        from posted window w as (partition by account_id order by seq)
      ) chain
      where seq_before is not null and (seq <> seq_before + 1 or balance_after <> balance_before + amount
        or held_after <> held_before + held_delta or prev_hash <> hash_before or created_at < created_before)
    ) then
      raise exception 'credit_entry: the posted entries do not follow one another' using errcode = 'CL002';
    end if;
    update credit_account a
      set balance = last.balance_after, held = last.held_after, seq = last.seq, head_hash = last.hash, head_at = last.created_at
      from (
        select account_id, seq, balance_after, held_after, hash, created_at, lead(seq) over newer as next_seq,
          first_value(seq) over newer as first_seq, first_value(prev_hash) over newer as first_prev_hash,
          first_value(created_at) over newer as first_at, first_value(balance_after - amount) over newer as balance_before,
          first_value(held_after - held_delta) over newer as held_before
        from posted window newer as (partition by account_id order by seq)
      ) last
      where last.next_seq is null and a.id = last.account_id and a.seq = last.first_seq - 1 and a.balance = last.balance_before
        and a.held = last.held_before and a.head_hash = last.first_prev_hash
        and (a.head_at is null or a.head_at <= last.first_at)
        and a.kind = 'user' and (a.status = 'open' or (a.status = 'frozen'
          and not exists (select 1 from posted p where p.account_id = a.id and p.kind = 'spend')));
    get diagnostics moved = row_count;
    if moved < accounts then
      if exists (
        select 1 from posted join credit_account a on a.id = posted.account_id
        where a.kind = 'system' or a.status = 'closed' or (a.status = 'frozen' and posted.kind = 'spend')
      ) then
        raise exception 'credit_entry: the account does not take this entry' using errcode = 'CL004';
      end if;
      raise exception 'credit_entry: stale account head' using errcode = '40001';
    end if;
    if spends > 0 then
      insert into credit_refundable (tx_id, account_id, amount) select tx_id, account_id, -amount from posted where kind = 'spend';
    end if;
    if refunds > 0 then
      update credit_refundable r set refunded = r.refunded + back.amount
        from (
          select origin_tx_id, account_id, sum(amount) as amount
          from posted where kind = 'refund' group by origin_tx_id, account_id
        ) back
        where r.tx_id = back.origin_tx_id and r.account_id = back.account_id;
      if exists (
        select 1 from posted p where p.kind = 'refund' and not exists (
          select 1 from credit_refundable r where r.tx_id = p.origin_tx_id and r.account_id = p.account_id)
      ) then
        raise exception 'credit_entry: a refund gives back a spend of its account' using errcode = 'CL005';
      end if;
    end if;
    return null;
  end $$`;

/** A head may only stand where its newest entry says, and only move forward. */
const GUARD = `
  create function credit_account_guard() returns trigger language plpgsql as $$
  begin
    if new.seq <= old.seq
      or not exists (
        select 1 from credit_entry e
        where e.account_id = new.id and e.seq = new.seq and e.balance_after = new.balance
          and e.held_after = new.held and e.hash = new.head_hash and e.created_at = new.head_at)
      or exists (select 1 from credit_entry e where e.account_id = new.id and e.seq = new.seq + 1)
    then
      raise exception 'credit_account: a balance moves only with its entry' using errcode = 'CL003';
    end if;
    return null;
  end $$`;

/** What is left of a spend is what its entry and the entries of its refunds say, whoever writes it. */
const REFUNDABLE_GUARD = `
  create function credit_refundable_guard() returns trigger language plpgsql as $$
  begin
    -- The limit keeps this one look into an index for each row: unnested, it may become a hash of the whole table.
    if exists (
      select 1 from changed r left join lateral (
        select e.account_id, e.kind, e.amount from credit_entry e where e.tx_id = r.tx_id and e.leg = 0 limit 1
      ) e on true
      where (e.account_id, e.kind, e.amount) is distinct from (r.account_id, 'spend', -r.amount)
        or (tg_op = 'INSERT' and r.refunded <> 0)
    ) or (tg_op = 'UPDATE' and exists (
      select 1 from changed r cross join lateral (
        select coalesce(sum(b.amount), 0) as refunded from credit_entry b where b.origin_tx_id = r.tx_id and b.kind = 'refund'
      ) back where r.refunded <> back.refunded
    )) then
      raise exception 'credit_refundable: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;
