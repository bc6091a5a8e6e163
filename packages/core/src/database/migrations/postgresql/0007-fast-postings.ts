import { Migration } from '@mikro-orm/migrations';

/**
 * The same promises for half the work of a posting: one pass over what is posted instead of eight, guards once for a
 * statement instead of once for a row, indexes only for what is looked for, and a row of what was given back only once
 * something is. Two foreign keys of `credit_entry` are kept by `credit_post()`, once for a statement: accounts are never
 * deleted and never change their id. What moves with entries moves inside their trigger only.
 */
export class FastPostings extends Migration {
  override up(): void {
    this.addSql(`alter table credit_entry drop constraint credit_entry_account_id_foreign`);
    this.addSql(`alter table credit_entry drop constraint credit_entry_contra_id_foreign`);
    this.addSql(`drop index credit_entry_kind_index`);
    this.addSql(`create index credit_entry_kind_index on credit_entry (account_id, kind, seq)
      where kind <> 'spend'`);
    this.addSql(`drop index audit_entry_action_index`);
    this.addSql(`create index audit_entry_action_index on audit_entry (action, id) where action <> 'credits.posted'`);
    this.addSql(`drop index outbox_event_pending_index`);
    this.addSql(`create index outbox_event_pending_index on outbox_event (id) where published_at is null`);
    for (const trigger of ['credit_account_guard on credit_account', 'credit_lot_guard on credit_lot']) {
      this.addSql(`drop trigger ${trigger}`);
    }
    this.addSql(POST);
    this.addSql(REFUNDABLE_GUARD);
    this.addSql(ACCOUNT_GUARD);
    this.addSql(LOT_GUARD);
    this.addSql(`create trigger credit_account_forward before update on credit_account for each row
      when ((old.balance, old.held, old.seq, old.head_hash, old.head_at)
          is distinct from (new.balance, new.held, new.seq, new.head_hash, new.head_at) and (new.seq <= old.seq or pg_trigger_depth() = 0))
      execute function refuse_change()`);
    this.addSql(`create trigger credit_account_guard after update on credit_account
      referencing old table as former new table as changed for each statement execute function credit_account_guard()`);
    this.addSql(`create trigger credit_lot_forward before update on credit_lot for each row
      when (new.seq <= old.seq or pg_trigger_depth() = 0) execute function refuse_change()`);
    // Beside the entry that is being posted, a change by hand could pass for its doing.
    for (const [table, event] of BY_ENTRIES) {
      this.addSql(`create trigger ${table}_by_entry before ${event} on ${table} for each row
        when (pg_trigger_depth() = 0) execute function refuse_change()`);
    }
    // A temporary table of the same name would be found first: what the promises look at is named by its schema.
    for (const name of FUNCTIONS) this.addSql(`alter function ${name}() set search_path = public, pg_temp`);
    this.addSql(`create trigger credit_lot_guard after update on credit_lot
      referencing new table as changed for each statement execute function credit_lot_guard()`);
  }
}

const BY_ENTRIES = [
  ['credit_lot', 'insert'],
  ['credit_hold', 'insert or update'],
  ['credit_refundable', 'insert or update'],
] as const;

const FUNCTIONS = [
  'refuse_change',
  'refuse_limits',
  'credit_post',
  'credit_account_guard',
  'credit_refundable_guard',
  'credit_hold_guard',
  'credit_lot_born',
  'credit_lot_guard',
];

/**
 * Moves the heads, what was given back, holds and lots. Set-based: one statement may post many entries to many accounts.
 * What a writer raced past (a newer head, a freeze) is seen by the update, which looks at the newest version of the row.
 *
 * Lots together hold what the balance says, or nothing while it is negative: each entry must move them by just that much,
 * all in one direction, so that it is true of every account without summing any up.
 */
const POST = `
  create or replace function credit_post() returns trigger language plpgsql as $$
  declare
    said record;
    moved int;
  begin
    with chain as materialized (
      select p.account_id, p.seq, p.kind, p.amount, p.held_delta, p.balance_after, p.held_after, p.prev_hash, p.hash,
        p.created_at, p.lots,
        lag(p.seq) over earlier as seq_before, lag(p.hash) over earlier as hash_before,
        lag(p.balance_after) over earlier as balance_before, lag(p.held_after) over earlier as held_before,
        lag(p.created_at) over earlier as created_before,
        first_value(p.seq) over whole as first_seq, first_value(p.prev_hash) over whole as first_prev_hash,
        first_value(p.created_at) over whole as first_at, first_value(p.balance_after - p.amount) over whole as first_balance,
        first_value(p.held_after - p.held_delta) over whole as first_held, last_value(p.seq) over whole as last_seq,
        bool_or(p.kind in ('spend','hold','transfer_out')) over whole as takes,
        min(case when p.amount < p.held_delta and p.kind <> 'clawback' then p.balance_after - p.held_after end) over whole
          as lowest,
        greatest(p.balance_after, 0) - greatest(p.balance_after - p.amount, 0) as lot_change
      from posted p window earlier as (partition by p.account_id order by p.seq),
        whole as (partition by p.account_id order by p.seq rows between unbounded preceding and unbounded following)
    ), heads as (
      update credit_account a
        set balance = last.balance_after, held = last.held_after, seq = last.seq, head_hash = last.hash, head_at = last.created_at
        from chain last
        where last.seq = last.last_seq and a.id = last.account_id and a.seq = last.first_seq - 1
          and a.balance = last.first_balance and a.held = last.first_held and a.head_hash = last.first_prev_hash
          and (a.head_at is null or a.head_at <= last.first_at)
          and a.kind = 'user' and (a.status = 'open' or (a.status = 'frozen' and not last.takes))
        returning coalesce(last.lowest < a.floor, false) as is_below
    )
    select count(*) filter (where seq_before is null) as accounts, (select count(*) from heads) as heads,
      coalesce((select bool_or(is_below) from heads), false) as is_below,
      bool_or(seq_before is not null and (seq <> seq_before + 1 or balance_after <> balance_before + amount
        or held_after <> held_before + held_delta or prev_hash <> hash_before or created_at < created_before)) as is_broken,
      bool_or(case
        when lots is null then lot_change <> 0
        when jsonb_array_length(lots) = 1 then (lots -> 0 ->> 'amount')::bigint is distinct from lot_change
        else (lot_change, abs(lot_change)) <> (
          select coalesce(sum((c ->> 'amount')::bigint), 0), coalesce(sum(abs((c ->> 'amount')::bigint)), 0)
          from jsonb_array_elements(lots) c)
        end) as lots_differ,
      bool_or(lots is not null) as has_lots, coalesce(bool_or(jsonb_path_exists(lots, '$[*].category')), false) as has_births,
      bool_or(kind in ('refund','clawback')) as gives_back, bool_or(kind = 'hold') as holds,
      bool_or(kind in ('capture','release','hold_expiry')) as moves_holds,
      bool_or(kind in ('transfer_out','transfer_in')) as transfers,
      exists (
        select 1 from (select distinct contra_id from posted) other
        where not exists (select 1 from credit_account s where s.id = other.contra_id and s.kind = 'system')) as has_no_contra
      into said from chain;
    if said.accounts is null or said.accounts = 0 then
      return null;
    end if;
    if said.is_broken then
      raise exception 'credit_entry: the posted entries do not follow one another' using errcode = 'CL002';
    end if;
    if said.has_no_contra then
      raise exception 'credit_entry: the other side is no system account' using errcode = 'CL004';
    end if;
    if said.heads < said.accounts then
      if exists (
        select 1 from posted left join credit_account a on a.id = posted.account_id
        where a.id is null or a.kind = 'system' or a.status = 'closed'
          or (a.status = 'frozen' and posted.kind in ('spend','hold','transfer_out'))
      ) then
        raise exception 'credit_entry: the account does not take this entry' using errcode = 'CL004';
      end if;
      raise exception 'credit_entry: stale account head' using errcode = '40001';
    end if;
    if said.is_below then
      raise exception 'credit_entry: below the floor of its account' using errcode = 'CL007';
    end if;
    if said.lots_differ then
      raise exception 'credit_entry: the lots move by what the balance moves' using errcode = 'CL008';
    end if;
    if said.transfers and exists (
      select 1 from posted p join credit_account a on a.id = p.account_id where p.kind in ('transfer_out','transfer_in')
      group by p.tx_id having count(*) <> 2 or sum(p.amount) <> 0 or count(distinct a.unit) <> 1
    ) then
      raise exception 'credit_entry: a transfer has two legs that sum to zero' using errcode = 'CL009';
    end if;
    if said.gives_back then
      with back as (
        select origin_tx_id, account_id, sum(abs(amount)) as amount
        from posted where kind in ('refund','clawback') group by origin_tx_id, account_id
      ), done as (
        insert into credit_refundable as r (tx_id, account_id, amount, refunded)
          select back.origin_tx_id, back.account_id, origin.amount, back.amount
          from back cross join lateral (
            select abs(e.amount) as amount from credit_entry e
            where e.tx_id = back.origin_tx_id and e.leg = 0 and e.account_id = back.account_id
              and e.kind in ('spend','capture','purchase') limit 1
          ) origin
          on conflict (tx_id) do update set refunded = r.refunded + excluded.refunded
          returning 1
      )
      select (select count(*) from back) - (select count(*) from done) into moved;
      if moved <> 0 then
        raise exception 'credit_entry: a refund gives back a spend of its account' using errcode = 'CL005';
      end if;
    end if;
    if said.has_births then
      insert into credit_lot (id, account_id, tx_id, paid, priority, amount, remaining, seq, expires_at, created_at)
        select (c ->> 'lot')::uuid, p.account_id, p.tx_id, c ->> 'category' = 'paid', (c ->> 'priority')::smallint,
          (c ->> 'amount')::bigint, (c ->> 'amount')::bigint, p.seq,
          coalesce((c ->> 'expires')::timestamptz, '9999-12-31T23:59:59.999Z'), p.created_at
        from posted p cross join jsonb_array_elements(p.lots) c where c ->> 'category' is not null;
    end if;
    if said.has_lots then
      with moves as (
        select p.account_id, c ->> 'lot' as lot_id, sum((c ->> 'amount')::bigint) as amount, max(p.seq) as seq
        from posted p cross join jsonb_array_elements(p.lots) c where c ->> 'category' is null group by 1, 2
      ), done as (
        update credit_lot l set remaining = l.remaining + m.amount, live = l.remaining + m.amount > 0, seq = m.seq
        from moves m where l.id = m.lot_id::uuid and l.account_id = m.account_id returning 1
      )
      select (select count(*) from moves) - (select count(*) from done) into moved;
      if moved <> 0 then
        raise exception 'credit_entry: moves a lot that is not of its account' using errcode = 'CL008';
      end if;
    end if;
    if said.holds then
      insert into credit_hold (id, account_id, amount, expires_at, created_at)
        select tx_id, account_id, held_delta, expires_at, created_at from posted where kind = 'hold';
    end if;
    if said.moves_holds then
      update credit_hold h set captured = h.captured + m.captured, released = h.released + m.released,
          open = h.captured + m.captured + h.released + m.released < h.amount
        from (
          select origin_tx_id, account_id, sum(-amount) as captured, sum(amount - held_delta) as released
          from posted where kind in ('capture','release','hold_expiry') group by origin_tx_id, account_id
        ) m
        where h.id = m.origin_tx_id and h.account_id = m.account_id;
      if exists (
        select 1 from posted p where p.kind in ('capture','release','hold_expiry') and not exists (
          select 1 from credit_hold h where h.id = p.origin_tx_id and h.account_id = p.account_id)
      ) then
        raise exception 'credit_entry: moves a hold that is not of its account' using errcode = 'CL009';
      end if;
    end if;
    return null;
  end $$`;

/** What was given back of an entry is what those of its refunds or clawbacks say, whoever writes it. */
const REFUNDABLE_GUARD = `
  create or replace function credit_refundable_guard() returns trigger language plpgsql as $$
  begin
    -- The limit keeps this one look into an index for each row: unnested, it may become a hash of the whole table.
    if exists (
      select 1 from changed r left join lateral (
        select e.account_id, e.kind in ('spend','capture','purchase') as has_refunds, abs(e.amount) as amount
        from credit_entry e where e.tx_id = r.tx_id and e.leg = 0 limit 1
      ) e on true cross join lateral (
        select coalesce(sum(abs(b.amount)), 0) as refunded from credit_entry b
        where b.origin_tx_id = r.tx_id and b.kind in ('refund','clawback')
      ) back
      where (e.account_id, e.has_refunds, e.amount, back.refunded) is distinct from (r.account_id, true, r.amount, r.refunded)
    ) then
      raise exception 'credit_refundable: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;

/** A head may only stand where its newest entry says; that it only moves forward is credit_account_forward. */
const ACCOUNT_GUARD = `
  create or replace function credit_account_guard() returns trigger language plpgsql as $$
  begin
    if exists (
      select 1 from (
        select id, balance, held, seq, head_hash, head_at from changed
        except select id, balance, held, seq, head_hash, head_at from former
      ) moved left join lateral (
        select e.balance_after, e.held_after, e.hash, e.created_at from credit_entry e
        where e.account_id = moved.id and e.seq = moved.seq limit 1
      ) newest on true left join lateral (
        select true as is_newer from credit_entry e where e.account_id = moved.id and e.seq = moved.seq + 1 limit 1
      ) next on true
      where next.is_newer or (newest.balance_after, newest.held_after, newest.hash, newest.created_at)
        is distinct from (moved.balance, moved.held, moved.head_hash, moved.head_at)
    ) then
      raise exception 'credit_account: a balance moves only with its entry' using errcode = 'CL003';
    end if;
    return null;
  end $$`;

/**
 * A lot moves only to an entry that names it, and is newer than the last one that did (credit_lot_forward): there is none
 * but the one being posted.
 */
const LOT_GUARD = `
  create or replace function credit_lot_guard() returns trigger language plpgsql as $$
  begin
    if exists (
      select 1 from changed l left join lateral (
        select e.lots from credit_entry e where e.account_id = l.account_id and e.seq = l.seq limit 1
      ) e on true
      where e.lots is null or not e.lots @> jsonb_build_array(jsonb_build_object('lot', l.id::text))
    ) then
      raise exception 'credit_lot: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;
