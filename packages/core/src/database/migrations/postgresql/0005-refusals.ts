import { Migration } from '@mikro-orm/migrations';

/** Refusals of keyed postings, kept as they were given. */
export class Refusals extends Migration {
  override up(): void {
    this.addSql(`
      create table credit_refusal (
        client_id text not null,
        idem_key text not null,
        request_hash bytea not null,
        code text not null,
        message text not null,
        facts jsonb not null,
        created_at timestamptz(3) not null,
        primary key (client_id, idem_key)
      )`);
    this.addSql(`create trigger credit_refusal_immutable before update or delete on credit_refusal
      for each row execute function refuse_change()`);
    this.addSql(`create trigger credit_refusal_no_truncate before truncate on credit_refusal
      for each statement execute function refuse_change()`);
  }
}
