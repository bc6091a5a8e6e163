import { amongRows, type Run } from '../../database/index.ts';
import { transact, type Tx } from '../../kernel/transaction.ts';
import type { Scope } from '../../scope.ts';
import { SYSTEM } from '../system-context.ts';
import { CAPTURED, REFUNDED, RELEASED } from './projections.ts';

const TABLES = ['credit_hold', 'credit_lot', 'credit_refundable'] as const;

/**
 * Writes the holds, lots and refundables of accounts anew from their entries; entries and heads are never touched. The
 * triggers that guard these tables are off meanwhile, which on PostgreSQL takes the role that owns them.
 */
export async function repairProjections(scope: Scope, accountIds: readonly string[]): Promise<void> {
  const { dialect } = scope.database;
  await transact({ ...scope, context: SYSTEM }, async (tx) => {
    const run = scope.database.in(tx);
    const rows = accountIds.map((id) => ({ id }));
    const locked = amongRows(dialect, { id: 'uuid' }, rows);
    await run(`select id from credit_account where ${locked.sql} order by id${dialect.forUpdate}`, locked.params);
    const named = amongRows(
      dialect,
      { account_id: 'uuid' },
      accountIds.map((id) => ({ account_id: id })),
    );
    const account = `(${named.sql.replace('(account_id)', '(e.account_id)')})`;
    await withoutGuards(scope, tx, async () => {
      for (const sql of repairs[dialect.name](account)) await run(sql, named.params);
    });
  });
}

const eachLot = { sqlite: 'json_each(e.lots)', postgresql: 'jsonb_array_elements(e.lots)' };

const repairs = {
  sqlite: (account: string) =>
    statements(account, eachLot.sqlite, { id: `c.value ->> 'lot'`, amount: `(c.value ->> 'amount')` }),
  postgresql: (account: string) =>
    statements(account, eachLot.postgresql, {
      id: `cast(c.value ->> 'lot' as uuid)`,
      amount: `cast(c.value ->> 'amount' as bigint)`,
    }),
};

function statements(account: string, each: string, lot: { id: string; amount: string }): string[] {
  return [
    `update credit_hold set captured = x.captured, released = x.released, open = x.captured + x.released < amount
     from (select e.tx_id, ${CAPTURED} as captured, ${RELEASED} as released from credit_entry e where e.kind = 'hold' and ${account}) x
     where credit_hold.id = x.tx_id`,
    `update credit_refundable set refunded = x.refunded
     from (select e.tx_id, ${REFUNDED} as refunded from credit_entry e
       where e.leg = 0 and e.kind in ('spend','capture','purchase') and ${account}) x
     where credit_refundable.tx_id = x.tx_id`,
    `insert into credit_refundable (tx_id, account_id, amount, refunded)
     select e.tx_id, e.account_id, abs(e.amount), ${REFUNDED} from credit_entry e
     where e.leg = 0 and e.kind in ('spend','capture','purchase') and ${account} and ${REFUNDED} > 0
       and not exists (select 1 from credit_refundable r where r.tx_id = e.tx_id)`,
    `update credit_lot set remaining = x.remaining, live = x.remaining > 0, seq = x.seq
     from (select ${lot.id} as id, sum(${lot.amount}) as remaining, max(e.seq) as seq
       from credit_entry e cross join ${each} c where ${account} group by 1) x
     where credit_lot.id = x.id`,
  ];
}

async function withoutGuards(scope: Scope, tx: Tx, work: () => Promise<void>): Promise<void> {
  const run = scope.database.in(tx);
  const restore = await guardsOff[scope.database.dialect.name](run);
  await work();
  for (const sql of restore) await run(sql);
}

/** Each gives the statements that bring the triggers back; a failure in between takes it all back. */
const guardsOff = {
  sqlite: async (run: Run) => {
    const triggers = await run<{ name: string; sql: string }>(
      `select name, sql from sqlite_master where type = 'trigger' and tbl_name in (${TABLES.map((name) => `'${name}'`).join(', ')})`,
    );
    for (const { name } of triggers) await run(`drop trigger ${name}`);
    return triggers.map(({ sql }) => sql);
  },
  postgresql: async (run: Run) => {
    for (const table of TABLES) await run(`alter table ${table} disable trigger user`);
    return TABLES.map((table) => `alter table ${table} enable trigger user`);
  },
};
