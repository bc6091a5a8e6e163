import { amongRows } from '../../database/index.ts';
import type { Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import { entryOf, type EntryRow } from '../entry.ts';
import type { Operation } from '../operation.ts';
import { viewOf, type TransactionView } from '../views.ts';

/**
 * The operations that an earlier attempt, whose COMMIT was not answered, has posted after all. Asked behind the locks of
 * their accounts: that attempt held them until it was over, so that by now it has happened whole or never will.
 */
export async function findPosted(
  scope: Scope,
  tx: Tx,
  operations: readonly Operation[],
): Promise<readonly (readonly [Operation, TransactionView])[]> {
  const { dialect } = scope.database;
  const named = amongRows(
    dialect,
    { tx_id: 'uuid' },
    operations.map(({ txId }) => ({ tx_id: txId })),
  );
  const rows = await scope.database.in(tx)<EntryRow>(
    `select * from credit_entry where ${named.sql} and leg = 0`,
    named.params,
  );
  const entries = new Map(rows.map((row) => [row.tx_id as string, entryOf(row, dialect)]));
  return operations.flatMap((operation) => {
    const entry = entries.get(operation.txId);
    return entry === undefined ? [] : [[operation, viewOf(entry, operation)] as const];
  });
}
