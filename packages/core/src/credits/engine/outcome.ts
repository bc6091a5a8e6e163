import { setTimeout as wait } from 'node:timers/promises';

import { amongRows, codeOf } from '../../database/index.ts';
import { DatabaseUnavailable } from '../../kernel/errors.ts';
import type { Scope } from '../../scope.ts';
import type { Operation } from '../operation.ts';
import { OutcomeUnknown } from './errors.ts';

const ASKED_MS_MAX = 10_000;
const PAUSE_MS = 50;

/**
 * What became of a transaction whose COMMIT was not answered, asked of the database itself: first until it is over, then
 * for the entries that it would have made. The entries decide, because a server that crashed may give the id of a
 * transaction that never reached its disk to another one.
 *
 * @throws OutcomeUnknown when the database does not answer within 10 seconds
 */
export async function wasCommitted(scope: Scope, id: string, operations: readonly Operation[]): Promise<boolean> {
  const deadlineMs = performance.now() + ASKED_MS_MAX;
  for (;;) {
    try {
      if (await isOver(scope, id)) return await hasEntries(scope, operations);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable) || performance.now() > deadlineMs) throw new OutcomeUnknown(error);
    }
    if (performance.now() > deadlineMs) throw new OutcomeUnknown(undefined);
    await wait(PAUSE_MS);
  }
}

/** invalid_parameter_value: an id that has not been given out yet, as after a crash. */
const IN_THE_FUTURE = '22023';

async function isOver(scope: Scope, id: string): Promise<boolean> {
  try {
    const [row] = await scope.database.read<{ status: string | null }>(
      'select pg_xact_status(cast(? as xid8)) as status',
      [id],
    );
    return row?.status !== 'in progress';
  } catch (error) {
    if (codeOf(error) === IN_THE_FUTURE) return true;
    throw error;
  }
}

/** A transaction is there whole or not at all: one of its entries speaks for all. */
async function hasEntries(scope: Scope, operations: readonly Operation[]): Promise<boolean> {
  const named = amongRows(
    scope.database.dialect,
    { tx_id: 'uuid' },
    operations.map(({ txId }) => ({ tx_id: txId })),
  );
  const rows = await scope.database.read(`select 1 from credit_entry where ${named.sql} limit 1`, named.params);
  return rows.length > 0;
}
