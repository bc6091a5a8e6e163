import { Migration } from '@mikro-orm/migrations';

/** Revocations are read by position (decision 0006); at most one signing key waits, and at most one is active. */
export class FeedsAndKeys extends Migration {
  override up(): void {
    this.addSql(`alter table revocation add column position bigint not null default 0`);
    this.addSql(`drop index revocation_created_at_index`);
    this.addSql(`create index revocation_forget_at_index on revocation (forget_at)`);
    this.addSql(`create index revocation_position_index on revocation (position)`);
    this.addSql(`create unique index signing_key_one_each on signing_key (state) where state in ('next','active')`);
  }
}
