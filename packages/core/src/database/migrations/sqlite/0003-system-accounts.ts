import { Migration } from '@mikro-orm/migrations';

/** The other side of every entry: rows that no posting ever changes (credits/system-accounts.ts). */
export class SystemAccounts extends Migration {
  override up(): void {
    this.addSql(`
      insert into credit_account (id, kind, name, head_hash, created_at) values
        ('00000000-0000-7000-8000-000000000001', 'system', 'sys:purchases', x'', 1767225600000),
        ('00000000-0000-7000-8000-000000000002', 'system', 'sys:spends', x'', 1767225600000),
        ('00000000-0000-7000-8000-000000000003', 'system', 'sys:adjustments', x'', 1767225600000)`);
  }
}
