import { Migration } from '@mikro-orm/migrations';

/**
 * Lots, holds and the kinds of entry that move them. An entry says all that it does to lots and holds, and the trigger
 * that moves the head derives these tables from it: nobody writes them. Errors carry SQLSTATE CL001 to CL009.
 */
export class LotsAndHolds extends Migration {
  override up(): void {
    for (const column of ['expires_at timestamptz(3) null', 'counterparty_id uuid null', 'lots jsonb null']) {
      this.addSql(`alter table credit_entry add column ${column}`);
    }
    this.addSql(`alter table credit_entry add constraint credit_entry_shape_check check (${ENTRY_SHAPE})`);
    this.addSql(`create index credit_entry_kind_index on credit_entry (account_id, kind, seq)`);
    // Most entries have no origin: they cost this index nothing.
    this.addSql(`drop index credit_entry_origin_index`);
    this.addSql(`create index credit_entry_origin_index on credit_entry (origin_tx_id) where origin_tx_id is not null`);
    // A clawback may go below the floor, which a check on the account cannot tell from an overdraft: credit_post() can.
    this.addSql(`alter table credit_account drop constraint credit_account_floor_check`);
    this.addSql(`
      insert into credit_account (id, kind, name, head_hash, created_at) values
        ('00000000-0000-7000-8000-000000000004', 'system', 'sys:promo', '\\x', '2026-01-01T00:00:00Z'),
        ('00000000-0000-7000-8000-000000000005', 'system', 'sys:expiry', '\\x', '2026-01-01T00:00:00Z'),
        ('00000000-0000-7000-8000-000000000006', 'system', 'sys:transfers', '\\x', '2026-01-01T00:00:00Z')`);
    this.addSql(`
      create table credit_hold (
        id uuid not null,
        account_id uuid not null,
        amount bigint not null,
        captured bigint not null default '0',
        released bigint not null default '0',
        open boolean not null default true,
        expires_at timestamptz(3) not null,
        created_at timestamptz(3) not null,
        primary key (id)
      )`);
    this.addSql(`
      create table credit_lot (
        id uuid not null,
        account_id uuid not null,
        tx_id uuid not null,
        paid boolean not null,
        priority smallint not null,
        amount bigint not null,
        remaining bigint not null,
        live boolean not null default true,
        seq bigint not null,
        expires_at timestamptz(3) not null,
        created_at timestamptz(3) not null,
        primary key (id)
      )`);
    for (const table of ['credit_hold', 'credit_lot']) {
      this.addSql(
        `alter table ${table} add constraint ${table}_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict`,
      );
    }
    for (const [name, check] of Object.entries(CHECKS)) {
      this.addSql(
        `alter table ${name.slice(0, name.indexOf(' '))} add constraint ${name.slice(name.indexOf(' ') + 1)} check (${check})`,
      );
    }
    this.addSql(VERIFICATION);
    this.addSql(VERIFIED);
    this.addSql(
      `alter table credit_verified add constraint credit_verified_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict`,
    );
    for (const index of INDEXES) this.addSql(`create index ${index}`);

    for (const table of ['credit_hold', 'credit_lot']) {
      this.addSql(`create trigger ${table}_no_delete before delete on ${table}
        for each row execute function refuse_change()`);
      this.addSql(`create trigger ${table}_no_truncate before truncate on ${table}
        for each statement execute function refuse_change()`);
    }
    this.addSql(`create trigger credit_hold_identity before update on credit_hold for each row
      when ((old.id, old.account_id, old.amount, old.expires_at, old.created_at)
        is distinct from (new.id, new.account_id, new.amount, new.expires_at, new.created_at)
        or new.captured < old.captured or new.released < old.released)
      execute function refuse_change()`);
    this.addSql(`create trigger credit_lot_identity before update on credit_lot for each row
      when ((old.id, old.account_id, old.tx_id, old.paid, old.priority, old.amount, old.expires_at, old.created_at)
        is distinct from (new.id, new.account_id, new.tx_id, new.paid, new.priority, new.amount, new.expires_at, new.created_at))
      execute function refuse_change()`);
    this.addSql(LIMITS);
    this.addSql(`create trigger credit_account_limits before update on credit_account for each row
      when (new.floor > 0 or (new.floor > old.floor and new.balance - new.held < new.floor))
      execute function refuse_limits()`);
    this.addSql(POST);
    this.addSql(REFUNDABLE_GUARD);
    this.addSql(HOLD_GUARD);
    this.addSql(LOT_GUARD);
    for (const [trigger, event] of [
      ['born', 'insert'],
      ['guard', 'update'],
    ] as const) {
      this.addSql(`create trigger credit_hold_${trigger} after ${event} on credit_hold
        referencing new table as changed for each statement execute function credit_hold_guard()`);
      this.addSql(`create trigger credit_lot_${trigger} after ${event} on credit_lot
        for each row execute function credit_lot_${trigger}()`);
    }
  }
}

/** What each kind of entry may do to the balance and to what is held. */
const ENTRY_SHAPE = `(kind in ('purchase','grant','refund','transfer_in') and amount > 0 and held_delta = 0)
  or (kind in ('spend','clawback','expiry','transfer_out') and amount < 0 and held_delta = 0)
  or (kind = 'adjustment' and held_delta = 0)
  or (kind = 'hold' and amount = 0 and held_delta > 0 and expires_at is not null)
  or (kind = 'capture' and amount < 0 and held_delta <= amount)
  or (kind in ('release','hold_expiry') and amount = 0 and held_delta < 0)`;

const CHECKS = {
  'credit_hold credit_hold_amount_check': 'amount > 0',
  'credit_hold credit_hold_bound_check': 'captured >= 0 and released >= 0 and captured + released <= amount',
  'credit_hold credit_hold_open_check': 'open = (captured + released < amount)',
  'credit_lot credit_lot_amount_check': 'amount > 0',
  'credit_lot credit_lot_bound_check': 'remaining >= 0 and remaining <= amount',
  'credit_lot credit_lot_live_check': 'live = (remaining > 0)',
  'credit_lot credit_lot_priority_check': 'priority >= 0 and priority <= 100',
};

/** Each run of `verifyLedger`, and how far each account has been verified. */
const VERIFICATION = `
  create table ledger_verification (
    id uuid not null,
    started_at timestamptz(3) not null,
    finished_at timestamptz(3) null,
    whole boolean not null,
    ok boolean null,
    checked_entries bigint not null default '0',
    problems jsonb not null,
    primary key (id))`;
const VERIFIED = `
  create table credit_verified (
    account_id uuid not null,
    seq bigint not null,
    hash bytea not null,
    primary key (account_id))`;

/** On `live` rather than `remaining`: an update that leaves an indexed value alone stays in its page (HOT). */
const INDEXES = [
  'credit_hold_due_index on credit_hold (expires_at) where open',
  'credit_hold_account_index on credit_hold (account_id, expires_at) where open',
  'credit_lot_burn_index on credit_lot (account_id, priority, expires_at, paid, created_at, id) where live',
  'credit_lot_due_index on credit_lot (expires_at) where live',
  'credit_lot_account_index on credit_lot (account_id, expires_at) where live',
];

const LIMITS = `
  create function refuse_limits() returns trigger language plpgsql as $$
  begin
    raise exception 'credit_account: the limits do not allow this balance' using errcode = 'CL007';
  end $$`;

/**
 * Moves the heads, what is left to refund, holds and lots. Set-based: one statement may post many entries to many accounts.
 * What a writer raced past (a newer head, a freeze) is seen by the update, which looks at the newest version of the row.
 *
 * Lots together hold what the balance says, or nothing while it is negative: each entry must move them by just that much,
 * all in one direction, so that it is true of every account without summing any up.
 */
const POST = `
  create or replace function credit_post() returns trigger language plpgsql as $$
  declare
    accounts int;
    entries int;
    refundables int;
    refunds int;
    holds int;
    hold_moves int;
    transfers int;
    with_lots int;
    moved int;
  begin
    select count(distinct account_id), count(*), count(*) filter (where kind in ('spend','capture','purchase')),
        count(*) filter (where kind in ('refund','clawback')), count(*) filter (where kind = 'hold'),
        count(*) filter (where kind in ('capture','release','hold_expiry')),
        count(*) filter (where kind in ('transfer_out','transfer_in')), count(lots)
      into accounts, entries, refundables, refunds, holds, hold_moves, transfers, with_lots from posted;
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
          and not exists (select 1 from posted p where p.account_id = a.id and p.kind in ('spend','hold','transfer_out'))));
    get diagnostics moved = row_count;
    if moved < accounts then
      if exists (
        select 1 from posted join credit_account a on a.id = posted.account_id
        where a.kind = 'system' or a.status = 'closed'
          or (a.status = 'frozen' and posted.kind in ('spend','hold','transfer_out'))
      ) then
        raise exception 'credit_entry: the account does not take this entry' using errcode = 'CL004';
      end if;
      raise exception 'credit_entry: stale account head' using errcode = '40001';
    end if;
    if exists (
      select 1 from posted p join credit_account a on a.id = p.account_id
      where p.amount < p.held_delta and p.balance_after - p.held_after < a.floor and p.kind <> 'clawback'
    ) then
      raise exception 'credit_entry: below the floor of its account' using errcode = 'CL007';
    end if;
    if exists (
      select 1 from posted p
      cross join lateral (select greatest(p.balance_after, 0) - greatest(p.balance_after - p.amount, 0) as change) of_all
      where (of_all.change, abs(of_all.change)) <> (
        select coalesce(sum((c ->> 'amount')::bigint), 0), coalesce(sum(abs((c ->> 'amount')::bigint)), 0)
        from jsonb_array_elements(p.lots) c)
    ) then
      raise exception 'credit_entry: the lots move by what the balance moves' using errcode = 'CL008';
    end if;
    if transfers > 0 and exists (
      select 1 from posted p join credit_account a on a.id = p.account_id where p.kind in ('transfer_out','transfer_in')
      group by p.tx_id having count(*) <> 2 or sum(p.amount) <> 0 or count(distinct a.unit) <> 1
    ) then
      raise exception 'credit_entry: a transfer has two legs that sum to zero' using errcode = 'CL009';
    end if;
    if refundables > 0 then
      insert into credit_refundable (tx_id, account_id, amount)
        select tx_id, account_id, abs(amount) from posted where kind in ('spend','capture','purchase');
    end if;
    if refunds > 0 then
      update credit_refundable r set refunded = r.refunded + back.amount
        from (
          select origin_tx_id, account_id, sum(abs(amount)) as amount
          from posted where kind in ('refund','clawback') group by origin_tx_id, account_id
        ) back
        where r.tx_id = back.origin_tx_id and r.account_id = back.account_id;
      if exists (
        select 1 from posted p where p.kind in ('refund','clawback') and not exists (
          select 1 from credit_refundable r where r.tx_id = p.origin_tx_id and r.account_id = p.account_id)
      ) then
        raise exception 'credit_entry: a refund gives back a spend of its account' using errcode = 'CL005';
      end if;
    end if;
    if with_lots > 0 then
      insert into credit_lot (id, account_id, tx_id, paid, priority, amount, remaining, seq, expires_at, created_at)
        select (c ->> 'lot')::uuid, p.account_id, p.tx_id, c ->> 'category' = 'paid', (c ->> 'priority')::smallint,
          (c ->> 'amount')::bigint, (c ->> 'amount')::bigint, p.seq,
          coalesce((c ->> 'expires')::timestamptz, '9999-12-31T23:59:59.999Z'), p.created_at
        from posted p cross join jsonb_array_elements(p.lots) c where c ->> 'category' is not null;
      with moves as (
        select p.account_id, (c ->> 'lot')::uuid as lot_id, sum((c ->> 'amount')::bigint) as amount, max(p.seq) as seq
        from posted p cross join jsonb_array_elements(p.lots) c where c ->> 'category' is null group by 1, 2
      ), done as (
        update credit_lot l set remaining = l.remaining + m.amount, live = l.remaining + m.amount > 0, seq = m.seq
        from moves m where l.id = m.lot_id and l.account_id = m.account_id returning 1
      )
      select (select count(*) from moves) - (select count(*) from done) into moved;
      if moved <> 0 then
        raise exception 'credit_entry: moves a lot that is not of its account' using errcode = 'CL008';
      end if;
    end if;
    if holds > 0 then
      insert into credit_hold (id, account_id, amount, expires_at, created_at)
        select tx_id, account_id, held_delta, expires_at, created_at from posted where kind = 'hold';
    end if;
    if hold_moves > 0 then
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

/** What is left to give back is what the entry and those of its refunds or clawbacks say, whoever writes it. */
const REFUNDABLE_GUARD = `
  create or replace function credit_refundable_guard() returns trigger language plpgsql as $$
  begin
    -- The limit keeps this one look into an index for each row: unnested, it may become a hash of the whole table.
    if exists (
      select 1 from changed r left join lateral (
        select e.account_id, e.kind in ('spend','capture','purchase') as has_refunds, abs(e.amount) as amount
        from credit_entry e where e.tx_id = r.tx_id and e.leg = 0 limit 1
      ) e on true
      where (e.account_id, e.has_refunds, e.amount) is distinct from (r.account_id, true, r.amount)
        or (tg_op = 'INSERT' and r.refunded <> 0)
    ) or (tg_op = 'UPDATE' and exists (
      select 1 from changed r cross join lateral (
        select coalesce(sum(abs(b.amount)), 0) as refunded from credit_entry b
        where b.origin_tx_id = r.tx_id and b.kind in ('refund','clawback')
      ) back where r.refunded <> back.refunded
    )) then
      raise exception 'credit_refundable: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;

/** A hold is what its entry says, less what the entries of its captures, releases and expiry say. */
const HOLD_GUARD = `
  create function credit_hold_guard() returns trigger language plpgsql as $$
  begin
    -- One look into an index for each row, as in credit_refundable_guard().
    if exists (
      select 1 from changed h left join lateral (
        select e.account_id, e.kind, e.held_delta, e.expires_at, e.created_at
        from credit_entry e where e.tx_id = h.id and e.leg = 0 limit 1
      ) e on true
      where (e.account_id, e.kind, e.held_delta, e.expires_at, e.created_at)
          is distinct from (h.account_id, 'hold', h.amount, h.expires_at, h.created_at)
        or (tg_op = 'INSERT' and (h.captured, h.released) <> (0, 0))
    ) or (tg_op = 'UPDATE' and exists (
      select 1 from changed h cross join lateral (
        select coalesce(sum(-m.amount), 0) as captured, coalesce(sum(m.amount - m.held_delta), 0) as released
        from credit_entry m where m.origin_tx_id = h.id and m.kind in ('capture','release','hold_expiry')
      ) moves where (h.captured, h.released) <> (moves.captured, moves.released)
    )) then
      raise exception 'credit_hold: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;

/**
 * A lot is born as its entry says, and moves only to an entry that names it and is newer than the last one that did:
 * there is none but the one being posted.
 */
const LOT_GUARD = `
  create function credit_lot_born() returns trigger language plpgsql as $$
  begin
    if new.remaining <> new.amount or not exists (
      select 1 from credit_entry e cross join jsonb_array_elements(e.lots) c
      where e.account_id = new.account_id and e.seq = new.seq and e.tx_id = new.tx_id and e.created_at = new.created_at
        and c ->> 'lot' = new.id::text and (c ->> 'category' = 'paid') = new.paid and (c ->> 'priority')::smallint = new.priority
        and (c ->> 'amount')::bigint = new.amount
        and coalesce((c ->> 'expires')::timestamptz, '9999-12-31T23:59:59.999Z') = new.expires_at)
    then
      raise exception 'credit_lot: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$;
  create function credit_lot_guard() returns trigger language plpgsql as $$
  begin
    if new.seq <= old.seq or not exists (
      select 1 from credit_entry e
      where e.account_id = new.account_id and e.seq = new.seq
        and e.lots @> jsonb_build_array(jsonb_build_object('lot', new.id::text)))
    then
      raise exception 'credit_lot: moves only with its entries' using errcode = 'CL006';
    end if;
    return null;
  end $$`;
