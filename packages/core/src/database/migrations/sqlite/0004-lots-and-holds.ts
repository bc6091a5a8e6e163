import { Migration } from '@mikro-orm/migrations';

/**
 * Lots, holds and the kinds of entry that move them. An entry says all that it does to lots and holds, and the triggers
 * beside the one that moves the head derive these tables from it: nobody writes them.
 */
export class LotsAndHolds extends Migration {
  override up(): void {
    for (const column of ['expires_at datetime null', 'counterparty_id text null', 'lots json null']) {
      this.addSql(`alter table credit_entry add column ${column}`);
    }
    this.addSql(`alter table credit_entry add constraint credit_entry_shape_check check (${oneLine(ENTRY_SHAPE)})`);
    this.addSql(`create index credit_entry_kind_index on credit_entry (account_id, kind, seq)`);
    // Most entries have no origin: they cost this index nothing.
    this.addSql(`drop index credit_entry_origin_index`);
    this.addSql(`create index credit_entry_origin_index on credit_entry (origin_tx_id) where origin_tx_id is not null`);
    // A clawback may go below the floor, which a check on the account cannot tell from an overdraft: a trigger can.
    this.addSql(`alter table credit_account drop constraint credit_account_floor_check`);
    this.addSql(`
      insert into credit_account (id, kind, name, head_hash, created_at) values
        ('00000000-0000-7000-8000-000000000004', 'system', 'sys:promo', x'', 1767225600000),
        ('00000000-0000-7000-8000-000000000005', 'system', 'sys:expiry', x'', 1767225600000),
        ('00000000-0000-7000-8000-000000000006', 'system', 'sys:transfers', x'', 1767225600000)`);
    this.addSql(oneLine(HOLD));
    for (const table of [LOT, VERIFICATION, VERIFIED]) this.addSql(oneLine(table));
    for (const index of INDEXES) this.addSql(`create index ${index}`);

    for (const [table, known] of Object.entries(KNOWN)) {
      this.addSql(refuse(`${table}_no_delete`, `before delete on ${table}`, `${table} is immutable: delete refused`));
      // INSERT OR REPLACE deletes the old row without firing its delete trigger.
      this.addSql(
        refuse(`${table}_no_replace`, `before insert on ${table} when exists (${known})`, `${table}: duplicate`),
      );
      // Before an insert, new.rowid is -1 unless the statement names one: no row may have it, or naming it would replace that row.
      this.addSql(refuse(`${table}_rowid`, `after insert on ${table} when new.rowid < 1`, `${table}: rowid refused`));
    }
    for (const trigger of ['credit_entry_account_state', 'credit_entry_post']) this.addSql(`drop trigger ${trigger}`);
    for (const trigger of ['credit_refundable_born', 'credit_refundable_guard']) this.addSql(`drop trigger ${trigger}`);
    for (const sql of [POST, REFUNDS, LOTS, HOLDS]) this.addSql(sql);
    for (const [name, { when, message }] of Object.entries(REFUSALS)) this.addSql(refuse(name, when, message));
  }
}

/** What each kind of entry may do to the balance and to what is held. */
const ENTRY_SHAPE = `(kind in ('purchase','grant','refund','transfer_in') and amount > 0 and held_delta = 0)
  or (kind in ('spend','clawback','expiry','transfer_out') and amount < 0 and held_delta = 0)
  or (kind = 'adjustment' and held_delta = 0)
  or (kind = 'hold' and amount = 0 and held_delta > 0 and expires_at is not null)
  or (kind = 'capture' and amount < 0 and held_delta <= amount)
  or (kind in ('release','hold_expiry') and amount = 0 and held_delta < 0)`;

const HOLD = `
  create table credit_hold (
    id text not null primary key,
    account_id text not null,
    amount bigint not null,
    captured bigint not null default '0',
    released bigint not null default '0',
    open integer not null default true,
    expires_at datetime not null,
    created_at datetime not null,
    constraint credit_hold_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict,
    constraint credit_hold_amount_check check (amount > 0),
    constraint credit_hold_bound_check check (captured >= 0 and released >= 0 and captured + released <= amount),
    constraint credit_hold_open_check check (open = (captured + released < amount)))`;

const LOT = `
  create table credit_lot (
    id text not null primary key,
    account_id text not null,
    tx_id text not null,
    paid integer not null,
    priority smallint not null,
    amount bigint not null,
    remaining bigint not null,
    live integer not null default true,
    seq bigint not null,
    expires_at datetime not null,
    created_at datetime not null,
    constraint credit_lot_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict,
    constraint credit_lot_amount_check check (amount > 0),
    constraint credit_lot_bound_check check (remaining >= 0 and remaining <= amount),
    constraint credit_lot_live_check check (live = (remaining > 0)),
    constraint credit_lot_priority_check check (priority >= 0 and priority <= 100))`;

/** Each run of `verifyLedger`, and how far each account has been verified. */
const VERIFICATION = `
  create table ledger_verification (
    id text not null primary key,
    started_at datetime not null,
    finished_at datetime null,
    whole integer not null,
    ok integer null,
    checked_entries bigint not null default '0',
    problems json not null)`;
const VERIFIED = `
  create table credit_verified (
    account_id text not null primary key,
    seq bigint not null,
    hash blob not null,
    constraint credit_verified_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict)`;

const INDEXES = [
  'credit_hold_due_index on credit_hold (expires_at) where open',
  'credit_hold_account_index on credit_hold (account_id, expires_at) where open',
  'credit_lot_burn_index on credit_lot (account_id, priority, expires_at, paid, created_at, id) where live',
  'credit_lot_due_index on credit_lot (expires_at) where live',
  'credit_lot_account_index on credit_lot (account_id, expires_at) where live',
];

/** For each table that REPLACE could rewrite: the rows that a new row would push out, also by SQLite's own rowid. */
const KNOWN = {
  credit_hold: 'select 1 from credit_hold h where h.id = new.id or h.rowid = new.rowid',
  credit_lot: 'select 1 from credit_lot l where l.id = new.id or l.rowid = new.rowid',
};

const POST = `
  create trigger credit_entry_post after insert on credit_entry begin
    update credit_account
      set balance = new.balance_after, held = new.held_after, seq = new.seq, head_hash = new.hash, head_at = new.created_at
      where id = new.account_id and seq = new.seq - 1 and balance = new.balance_after - new.amount
        and held = new.held_after - new.held_delta and head_hash = new.prev_hash
        and (head_at is null or head_at <= new.created_at);
    select raise(abort, 'credit_entry: stale account head') where changes() = 0;
  end`;

const REFUNDS = `
  create trigger credit_entry_refunds after insert on credit_entry
  when new.kind in ('spend','capture','purchase','refund','clawback') begin
    insert into credit_refundable (tx_id, account_id, amount)
      select new.tx_id, new.account_id, abs(new.amount) where new.kind in ('spend','capture','purchase');
    update credit_refundable set refunded = refunded + abs(new.amount)
      where new.kind in ('refund','clawback') and tx_id = new.origin_tx_id and account_id = new.account_id;
    select raise(abort, 'credit_entry: a refund gives back a spend of its account')
      where new.kind in ('refund','clawback') and changes() = 0;
  end`;

/** ISO 8601 with milliseconds, as an entry writes it, to milliseconds, as a column stores it. */
const expiresMs = (json: string): string =>
  `coalesce(cast(round(unixepoch(${json} ->> 'expires', 'subsec') * 1000) as integer), 253402300799999)`;

const LOTS = `
  create trigger credit_entry_lots after insert on credit_entry when new.lots is not null begin
    insert into credit_lot (id, account_id, tx_id, paid, priority, amount, remaining, seq, expires_at, created_at)
      select c.value ->> 'lot', new.account_id, new.tx_id, c.value ->> 'category' = 'paid', c.value ->> 'priority',
        c.value ->> 'amount', c.value ->> 'amount', new.seq, ${expiresMs('c.value')}, new.created_at
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

const HOLDS = `
  create trigger credit_entry_holds after insert on credit_entry
  when new.kind in ('hold','capture','release','hold_expiry') begin
    insert into credit_hold (id, account_id, amount, expires_at, created_at)
      select new.tx_id, new.account_id, new.held_delta, new.expires_at, new.created_at where new.kind = 'hold';
    update credit_hold
      set captured = captured - new.amount, released = released + new.amount - new.held_delta,
        open = captured + released - new.held_delta < amount
      where new.kind <> 'hold' and id = new.origin_tx_id and account_id = new.account_id;
    select raise(abort, 'credit_entry: moves a hold that is not of its account') where new.kind <> 'hold' and changes() = 0;
  end`;

/**
 * Lots together hold what the balance says, or nothing while it is negative: each entry must move them by just that much,
 * all in one direction, so that it is true of every account without summing any up.
 */
const REFUSALS = {
  credit_entry_account_state: {
    when: `before insert on credit_entry
      when exists (select 1 from credit_account a where a.id = new.account_id
        and (a.kind = 'system' or a.status = 'closed'
          or (a.status = 'frozen' and new.kind in ('spend','hold','transfer_out'))))`,
    message: 'credit_entry: the account does not take this entry',
  },
  credit_entry_floor: {
    when: `before insert on credit_entry
      when new.amount < new.held_delta and new.kind <> 'clawback' and exists (
        select 1 from credit_account a where a.id = new.account_id and new.balance_after - new.held_after < a.floor)`,
    message: 'credit_entry: below the floor of its account',
  },
  credit_entry_lots_sum: {
    when: `before insert on credit_entry
      when (max(new.balance_after, 0) - max(new.balance_after - new.amount, 0),
          abs(max(new.balance_after, 0) - max(new.balance_after - new.amount, 0)))
        <> (select coalesce(sum(c.value ->> 'amount'), 0), coalesce(sum(abs(c.value ->> 'amount')), 0)
          from json_each(new.lots) c)`,
    message: 'credit_entry: the lots move by what the balance moves',
  },
  credit_entry_transfer: {
    when: `before insert on credit_entry
      when new.kind in ('transfer_out','transfer_in') and ((new.kind = 'transfer_in') <> (new.leg = 1)
        or (new.leg = 1 and not exists (
          select 1 from credit_entry e join credit_account a on a.id = e.account_id
            join credit_account b on b.id = new.account_id
          where e.tx_id = new.tx_id and e.leg = 0 and e.kind = 'transfer_out' and e.amount = -new.amount and a.unit = b.unit)))`,
    message: 'credit_entry: a transfer has two legs that sum to zero',
  },
  credit_account_limits: {
    when: `before update on credit_account
      when new.floor > 0 or (new.floor > old.floor and new.balance - new.held < new.floor)`,
    message: 'credit_account: the limits do not allow this balance',
  },
  credit_refundable_born: {
    when: `before insert on credit_refundable
      when new.refunded <> 0 or not exists (
        select 1 from credit_entry e where e.tx_id = new.tx_id and e.account_id = new.account_id
          and e.kind in ('spend','capture','purchase') and abs(e.amount) = new.amount)`,
    message: 'credit_refundable: moves only with its entries',
  },
  credit_refundable_guard: {
    when: `before update on credit_refundable
      when new.refunded <> (
        select coalesce(sum(abs(e.amount)), 0) from credit_entry e
        where e.origin_tx_id = new.tx_id and e.kind in ('refund','clawback'))`,
    message: 'credit_refundable: moves only with its entries',
  },
  credit_hold_identity: {
    when: `before update on credit_hold
      when new.id <> old.id or new.account_id <> old.account_id or new.amount <> old.amount
        or new.expires_at <> old.expires_at or new.created_at <> old.created_at
        or new.captured < old.captured or new.released < old.released`,
    message: 'credit_hold is immutable: only its counters grow',
  },
  credit_hold_born: {
    when: `before insert on credit_hold
      when new.captured <> 0 or new.released <> 0 or not exists (
        select 1 from credit_entry e where e.tx_id = new.id and e.account_id = new.account_id and e.kind = 'hold'
          and e.held_delta = new.amount and e.expires_at = new.expires_at and e.created_at = new.created_at)`,
    message: 'credit_hold: moves only with its entries',
  },
  credit_hold_guard: {
    when: `before update on credit_hold
      when (new.captured, new.released) <> (
        select coalesce(sum(-e.amount), 0), coalesce(sum(e.amount - e.held_delta), 0) from credit_entry e
        where e.origin_tx_id = new.id and e.kind in ('capture','release','hold_expiry'))`,
    message: 'credit_hold: moves only with its entries',
  },
  credit_lot_identity: {
    when: `before update on credit_lot
      when new.id <> old.id or new.account_id <> old.account_id or new.tx_id <> old.tx_id
        or new.paid <> old.paid or new.priority <> old.priority or new.amount <> old.amount
        or new.expires_at <> old.expires_at or new.created_at <> old.created_at`,
    message: 'credit_lot is immutable: only its counters move',
  },
  // A lot is born as its entry says, and moves only to an entry that names it and is newer than the last one that did:
  // there is none but the one being posted.
  credit_lot_born: {
    when: `before insert on credit_lot
      when new.remaining <> new.amount or not exists (
        select 1 from credit_entry e, json_each(e.lots) c
        where e.account_id = new.account_id and e.seq = new.seq and e.tx_id = new.tx_id and e.created_at = new.created_at
          and c.value ->> 'lot' = new.id and (c.value ->> 'category' = 'paid') = new.paid
          and c.value ->> 'priority' = new.priority and c.value ->> 'amount' = new.amount
          and ${expiresMs('c.value')} = new.expires_at)`,
    message: 'credit_lot: moves only with its entries',
  },
  credit_lot_guard: {
    when: `before update on credit_lot
      when new.seq <= old.seq or not exists (
        select 1 from credit_entry e, json_each(e.lots) c
        where e.account_id = new.account_id and e.seq = new.seq and c.value ->> 'lot' = new.id)`,
    message: 'credit_lot: moves only with its entries',
  },
};

function refuse(name: string, when: string, message: string): string {
  return `create trigger ${name} ${when} begin select raise(abort, '${message}'); end`;
}

/** MikroORM reads a table's checks back from its SQL text, and only finds those without line breaks. */
function oneLine(sql: string): string {
  return sql.trim().replace(/\s+/g, ' ');
}
