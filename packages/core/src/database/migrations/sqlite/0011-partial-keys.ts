import { Migration } from '@mikro-orm/migrations';

/** Most entries have no key of the ledger's own: they cost its index nothing. */
export class PartialKeys extends Migration {
  override up(): void {
    this.addSql('drop index credit_entry_key_unique');
    this.addSql(`create unique index credit_entry_key_unique on credit_entry (client_id, idem_key, leg)
      where idem_key is not null`);
  }
}
