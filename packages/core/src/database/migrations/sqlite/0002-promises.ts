import { Migration } from '@mikro-orm/migrations';

/**
 * What the database itself refuses, even of our own code: history that changes, a balance that moves without the
 * entry that explains it, a gap, a forged sum, a stale head, a broken chain, time that runs backwards, a refund beyond
 * its spend. Every message says what was refused.
 */
export class Promises extends Migration {
  override up(): void {
    for (const table of ['credit_entry', 'audit_entry']) {
      this.addSql(refuse(`${table}_no_update`, `before update on ${table}`, `${table} is immutable: update refused`));
    }
    for (const table of ['credit_entry', 'audit_entry', 'credit_account', 'credit_refundable']) {
      this.addSql(refuse(`${table}_no_delete`, `before delete on ${table}`, `${table} is immutable: delete refused`));
    }
    for (const [table, known] of Object.entries(KNOWN)) {
      // INSERT OR REPLACE deletes the old row without firing its delete trigger.
      this.addSql(
        refuse(`${table}_no_replace`, `before insert on ${table} when exists (${known})`, `${table}: duplicate`),
      );
      // Before an insert, new.rowid is -1 unless the statement names one: no row may have it, or naming it would replace that row.
      this.addSql(refuse(`${table}_rowid`, `after insert on ${table} when new.rowid < 1`, `${table}: rowid refused`));
    }
    this.addSql(
      refuse(
        'credit_account_born_empty',
        `before insert on credit_account
      when new.balance <> 0 or new.held <> 0 or new.seq <> 0 or new.head_hash <> x'' or new.head_at is not null`,
        'credit_account: born empty',
      ),
    );
    this.addSql(
      refuse(
        'credit_account_identity',
        `before update on credit_account
      when new.id <> old.id or new.owner_id is not old.owner_id or new.unit <> old.unit or new.kind <> old.kind
        or new.name is not old.name or new.created_at <> old.created_at`,
        'credit_account is immutable: identity',
      ),
    );
    this.addSql(
      refuse(
        'credit_refundable_identity',
        `before update on credit_refundable
      when new.tx_id <> old.tx_id or new.account_id <> old.account_id or new.amount <> old.amount
        or new.refunded <= old.refunded`,
        'credit_refundable is immutable: only refunded grows',
      ),
    );
    this.addSql(
      refuse(
        'credit_entry_types',
        `before insert on credit_entry
      when typeof(new.amount) <> 'integer' or typeof(new.balance_after) <> 'integer' or typeof(new.seq) <> 'integer'`,
        'credit_entry: amounts are integers',
      ),
    );
    this.addSql(
      refuse(
        'credit_entry_account_state',
        `before insert on credit_entry
      when exists (select 1 from credit_account a where a.id = new.account_id
        and (a.kind = 'system' or a.status = 'closed' or (a.status = 'frozen' and new.kind = 'spend')))`,
        'credit_entry: the account does not take this entry',
      ),
    );
    this.addSql(POST);
    this.addSql(
      refuse(
        'credit_account_guard',
        `before update on credit_account
      when (new.balance <> old.balance or new.held <> old.held or new.seq <> old.seq or new.head_hash <> old.head_hash
        or new.head_at is not old.head_at)
        and (new.seq <> old.seq + 1 or not exists (
          select 1 from credit_entry e where e.account_id = new.id and e.seq = new.seq
            and e.balance_after = new.balance and e.held_after = new.held and e.hash = new.head_hash
            and e.created_at = new.head_at))`,
        'credit_account: a balance moves only with its entry',
      ),
    );
    this.addSql(
      refuse(
        'credit_refundable_born',
        `before insert on credit_refundable
      when new.refunded <> 0 or not exists (
        select 1 from credit_entry e where e.tx_id = new.tx_id and e.account_id = new.account_id
          and e.kind = 'spend' and e.amount = -new.amount)`,
        'credit_refundable: moves only with its entries',
      ),
    );
    this.addSql(
      refuse(
        'credit_refundable_guard',
        `before update on credit_refundable
      when new.refunded <> (
        select coalesce(sum(e.amount), 0) from credit_entry e where e.origin_tx_id = new.tx_id and e.kind = 'refund')`,
        'credit_refundable: moves only with its entries',
      ),
    );
  }
}

/** For each table that REPLACE could rewrite: the rows that a new row would push out, also by SQLite's own rowid. */
const KNOWN = {
  credit_entry: `select 1 from credit_entry e where (e.account_id = new.account_id and e.seq = new.seq)
    or (e.tx_id = new.tx_id and e.leg = new.leg)
    or (e.client_id = new.client_id and e.idem_key = new.idem_key and e.leg = new.leg) or e.rowid = new.rowid`,
  credit_account: `select 1 from credit_account a where a.id = new.id
    or (a.owner_id = new.owner_id and a.unit = new.unit) or a.name = new.name or a.rowid = new.rowid`,
  credit_refundable: 'select 1 from credit_refundable r where r.tx_id = new.tx_id or r.rowid = new.rowid',
  audit_entry: 'select 1 from audit_entry a where a.id = new.id or a.rowid = new.rowid',
};

const POST = `
  create trigger credit_entry_post after insert on credit_entry begin
    update credit_account
      set balance = new.balance_after, held = new.held_after, seq = new.seq, head_hash = new.hash, head_at = new.created_at
      where id = new.account_id and seq = new.seq - 1 and balance = new.balance_after - new.amount
        and held = new.held_after - new.held_delta and head_hash = new.prev_hash
        and (head_at is null or head_at <= new.created_at);
    select raise(abort, 'credit_entry: stale account head') where changes() = 0;
    insert into credit_refundable (tx_id, account_id, amount) select new.tx_id, new.account_id, -new.amount where new.kind = 'spend';
    update credit_refundable set refunded = refunded + new.amount
      where new.kind = 'refund' and tx_id = new.origin_tx_id and account_id = new.account_id;
    select raise(abort, 'credit_entry: a refund gives back a spend of its account') where new.kind = 'refund' and changes() = 0;
  end`;

function refuse(name: string, when: string, message: string): string {
  return `create trigger ${name} ${when} begin select raise(abort, '${message}'); end`;
}
