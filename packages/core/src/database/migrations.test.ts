import { afterEach, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openDatabase, type Database } from './index.ts';
import { migrations } from './migrations/index.ts';

describeOnEachDatabase('migrations', ({ name, url }) => {
  const opened: Database[] = [];
  const open = async (): Promise<Database> => {
    const database = await openDatabase(await url());
    opened.push(database);
    return database;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });

  test('a migrated database is exactly what the entities say', async () => {
    const database = await open();
    await database.migrate();
    expect(await database.orm.schema.getUpdateSchemaSQL()).toBe('');
  });

  test('every trigger that keeps a promise exists', async () => {
    const database = await open();
    await database.migrate();
    const rows = await database.read<{ name: string }>(
      name === 'sqlite'
        ? `select name from sqlite_master where type = 'trigger' order by name`
        : `select tgname as name from pg_trigger where not tgisinternal order by tgname`,
    );
    expect(rows.map((row) => row.name)).toEqual(TRIGGERS[name]);
  });

  test('migrating twice changes nothing', async () => {
    const database = await open();
    await database.migrate();
    await database.migrate();
    const rows = await database.read('select name from schema_migration order by name');
    expect(rows).toEqual(migrations[name].map((migration) => ({ name: migration.name })));
  });

  test('two processes that migrate at the same time both succeed', async () => {
    const target = await url();
    const [one, two] = await Promise.all([openDatabase(target), openDatabase(target)]);
    opened.push(one, two);
    await Promise.all([one.migrate(), two.migrate()]);
    expect(await one.read('select name from schema_migration')).toHaveLength(migrations[name].length);
  });
});

const TRIGGERS = {
  sqlite: [
    'audit_entry_no_delete',
    'audit_entry_no_replace',
    'audit_entry_no_update',
    'audit_entry_rowid',
    'credit_account_born_empty',
    'credit_account_bounds',
    'credit_account_guard',
    'credit_account_identity',
    'credit_account_limits',
    'credit_account_no_delete',
    'credit_account_no_replace',
    'credit_account_rowid',
    'credit_entry_account_state',
    'credit_entry_floor',
    'credit_entry_holds',
    'credit_entry_lot',
    'credit_entry_lots',
    'credit_entry_lots_sum',
    'credit_entry_lots_written',
    'credit_entry_no_delete',
    'credit_entry_no_replace',
    'credit_entry_no_update',
    'credit_entry_post',
    'credit_entry_refunds',
    'credit_entry_rowid',
    'credit_entry_transfer',
    'credit_entry_types',
    'credit_hold_born',
    'credit_hold_bounds',
    'credit_hold_bounds_born',
    'credit_hold_guard',
    'credit_hold_identity',
    'credit_hold_no_delete',
    'credit_hold_no_replace',
    'credit_hold_rowid',
    'credit_lot_born',
    'credit_lot_bounds',
    'credit_lot_guard',
    'credit_lot_identity',
    'credit_lot_no_delete',
    'credit_lot_no_replace',
    'credit_lot_rowid',
    'credit_refundable_born',
    'credit_refundable_guard',
    'credit_refundable_identity',
    'credit_refundable_no_delete',
    'credit_refundable_no_replace',
    'credit_refundable_rowid',
    'credit_refusal_no_delete',
    'credit_refusal_no_replace',
    'credit_refusal_no_update',
    'credit_refusal_rowid',
  ],
  postgresql: [
    'audit_entry_immutable',
    'audit_entry_no_truncate',
    'credit_account_born_empty',
    'credit_account_forward',
    'credit_account_guard',
    'credit_account_identity',
    'credit_account_limits',
    'credit_account_no_delete',
    'credit_account_no_truncate',
    'credit_entry_immutable',
    'credit_entry_no_truncate',
    'credit_entry_post',
    'credit_hold_born',
    'credit_hold_by_entry',
    'credit_hold_guard',
    'credit_hold_identity',
    'credit_hold_no_delete',
    'credit_hold_no_truncate',
    'credit_lot_born',
    'credit_lot_by_entry',
    'credit_lot_forward',
    'credit_lot_guard',
    'credit_lot_identity',
    'credit_lot_no_delete',
    'credit_lot_no_truncate',
    'credit_refundable_born',
    'credit_refundable_by_entry',
    'credit_refundable_guard',
    'credit_refundable_identity',
    'credit_refundable_no_delete',
    'credit_refundable_no_truncate',
    'credit_refusal_immutable',
    'credit_refusal_no_truncate',
  ],
};
