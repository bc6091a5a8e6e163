import { amongRows } from '../../database/index.ts';
import type { Scope } from '../../scope.ts';
import type { Entry } from '../entry.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Problems } from './problems.ts';

/** What entries say of a hold: `e` is its entry. */
export const CAPTURED = `(select coalesce(sum(-m.amount), 0) from credit_entry m
  where m.origin_tx_id = e.tx_id and m.kind in ('capture','release','hold_expiry'))`;
export const RELEASED = `(select coalesce(sum(m.amount - m.held_delta), 0) from credit_entry m
  where m.origin_tx_id = e.tx_id and m.kind in ('capture','release','hold_expiry'))`;
/** How much refunds or clawbacks have given back of `e`. */
export const REFUNDED = `(select coalesce(sum(abs(m.amount)), 0) from credit_entry m
  where m.origin_tx_id = e.tx_id and m.kind in ('refund','clawback'))`;

/** Each compares in one statement, so that what is posted meanwhile is seen on both sides or on none. */
const CHECKS = {
  'entry.transfer': `select min(cast(e.account_id as text)) as account_id, e.tx_id from credit_entry e where NAMED
    group by e.tx_id having count(*) <> 2 or sum(e.amount) <> 0`,
  'projection.hold': `select e.account_id, e.tx_id from credit_entry e left join credit_hold h on h.id = e.tx_id
    where NAMED and e.kind = 'hold' and (h.id is null or h.account_id <> e.account_id or h.amount <> e.held_delta
      or h.captured <> ${CAPTURED} or h.released <> ${RELEASED})`,
  'projection.refundable': `select e.account_id, e.tx_id from credit_entry e left join credit_refundable r on r.tx_id = e.tx_id
    where NAMED and e.leg = 0 and e.kind in ('spend','capture','purchase') and (coalesce(r.refunded, 0) <> ${REFUNDED}
      or r.account_id <> e.account_id or r.amount <> abs(e.amount))`,
} as const;

/** What the entries of a stretch name. */
const NAMED: { [Check in keyof typeof CHECKS]: (entry: Entry) => string | null } = {
  'entry.transfer': ({ kind, txId }) => (kind === 'transfer_out' || kind === 'transfer_in' ? txId : null),
  'projection.hold': ({ kind, txId, originTxId }) =>
    kind === 'hold' ? txId : HOLD_MOVES.has(kind) ? originTxId : null,
  'projection.refundable': ({ kind, txId, originTxId }) =>
    REFUNDABLE.has(kind) ? txId : kind === 'refund' || kind === 'clawback' ? originTxId : null,
};
const HOLD_MOVES: ReadonlySet<string> = new Set(['capture', 'release', 'hold_expiry']);
const REFUNDABLE: ReadonlySet<string> = new Set(['spend', 'capture', 'purchase']);

/** Checks the transfers, holds and refundables that some entries name, each against all entries there are of it. */
export async function checkNamed(scope: Scope, entries: readonly Entry[], problems: Problems): Promise<void> {
  for (const kind of Object.keys(CHECKS) as (keyof typeof CHECKS)[]) {
    const names = new Set(entries.map(NAMED[kind]).filter((name) => name !== null));
    if (names.size === 0) continue;
    const among = amongRows(
      scope.database.dialect,
      { tx_id: 'uuid' },
      [...names].map((name) => ({ tx_id: name })),
    );
    const sql = CHECKS[kind].replace('NAMED', among.sql.replace('(tx_id)', '(e.tx_id)'));
    const rows = await scope.database.read<{ account_id: string; tx_id: string }>(sql, among.params);
    for (const row of rows) problems.add(kind, row.account_id, { subject: row.tx_id });
  }
}

/** Checks that accounts stand where their newest entries say, and hold what their lots and holds do together. */
export async function checkHeads(scope: Scope, accountIds: readonly string[], problems: Problems): Promise<void> {
  const among = amongRows(
    scope.database.dialect,
    { id: 'uuid' },
    accountIds.map((id) => ({ id })),
  );
  const rows = await scope.database.read<{ id: string } & Record<'stands' | 'held' | 'lots', boolean | number>>(
    `select a.id,
       (a.seq = 0 and a.balance = 0 and a.held = 0) or exists (select 1 from credit_entry e
         where e.account_id = a.id and e.seq = a.seq and e.balance_after = a.balance and e.held_after = a.held
           and e.hash = a.head_hash and e.created_at = a.head_at) as stands,
       a.held = (select coalesce(sum(h.amount - h.captured - h.released), 0) from credit_hold h
         where h.account_id = a.id and h.open) as held,
       case when a.balance > 0 then a.balance else 0 end = (select coalesce(sum(l.remaining), 0) from credit_lot l
         where l.account_id = a.id and l.live) as lots
     from (select * from credit_account where ${among.sql}) a`,
    among.params,
  );
  for (const { id, stands, held, lots } of rows) {
    if (!stands) problems.add('account.head', id);
    if (!held) problems.add('projection.held', id);
    if (!lots) problems.add('projection.lots', id);
  }
}

/** What all entries of one account say of its lots: how much remains in each. */
export type LotSums = Map<string, number>;

export function addLots(sums: LotSums, entries: readonly Entry[]): void {
  for (const { lots } of entries) {
    for (const { lot, amount } of lots) sums.set(lot, (sums.get(lot) ?? 0) + amount);
  }
}

const STRETCH = 2_000;

/** Checks lots that no entry after `seq` has moved. */
export async function checkLots(
  scope: Scope,
  { accountId, seq }: { accountId: string; seq: number },
  sums: LotSums,
  problems: Problems,
): Promise<void> {
  const left = new Map(sums);
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await scope.database.read<{ id: string; remaining: unknown; seq: unknown }>(
      'select id, remaining, seq from credit_lot where account_id = ? and id > ? order by id limit ?',
      [accountId, after, STRETCH],
    );
    for (const row of rows) {
      const said = left.get(row.id);
      left.delete(row.id);
      if (wholeNumber(row.seq) <= seq && said !== wholeNumber(row.remaining)) {
        problems.add('projection.lot', accountId, { subject: row.id });
      }
    }
    if (rows.length < STRETCH) break;
    after = rows.at(-1)?.id ?? after;
  }
  for (const missing of left.keys()) problems.add('projection.lot', accountId, { subject: missing });
}
