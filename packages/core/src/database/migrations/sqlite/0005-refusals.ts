import { Migration } from '@mikro-orm/migrations';

/** Refusals of keyed postings, kept as they were given. */
export class Refusals extends Migration {
  override up(): void {
    this.addSql(`
      create table credit_refusal (
        client_id text not null,
        idem_key text not null,
        request_hash blob not null,
        code text not null,
        message text not null,
        facts json not null,
        created_at datetime not null,
        primary key (client_id, idem_key)
      )`);
    for (const event of ['update', 'delete']) {
      this.addSql(`create trigger credit_refusal_no_${event} before ${event} on credit_refusal
        begin select raise(abort, 'credit_refusal is immutable: ${event} refused'); end`);
    }
    // INSERT OR REPLACE deletes the old row without firing its delete trigger.
    this.addSql(`create trigger credit_refusal_no_replace before insert on credit_refusal
      when exists (select 1 from credit_refusal r
        where (r.client_id = new.client_id and r.idem_key = new.idem_key) or r.rowid = new.rowid)
      begin select raise(abort, 'credit_refusal: duplicate'); end`);
    this.addSql(`create trigger credit_refusal_rowid after insert on credit_refusal when new.rowid < 1
      begin select raise(abort, 'credit_refusal: rowid refused'); end`);
  }
}
