import { hold, openAccount, purchase, refund, spend, SYSTEM_ACCOUNTS } from '../src/credits/index.ts';
import type { SqlValue, Statement } from '../src/database/index.ts';
import { transact } from '../src/kernel/transaction.ts';
import type { FreshDatabase } from './databases.ts';
import type { TestLedger } from './ledger-fixture.ts';

/** An account with a purchase of 100 and a spend of 30, and what an attacker may know of it. */
export interface Target {
  accountId: string;
  /** Where its 70 credits are. */
  lotId: string;
  spendTxId: string;
  /** A hold of 20 on another account with 50 credits, and that account's lot. */
  holdId: string;
  foreignLotId: string;
  /** An account without entries, that takes 10 at most. */
  emptyId: string;
  /** A spend of 30 of another account, of which 4 were given back. */
  refundedTxId: string;
  /** A spend of another account. */
  foreignTxId: string;
  key: string;
  headHash: Buffer;
  firstHash: Buffer;
  now: Date;
  newId: string;
}

export async function targetIn(ledger: TestLedger): Promise<Target> {
  const other = await ledger.addUser();
  await purchase(ledger, { userId: other, amount: 10 });
  const { id: foreignTxId } = await spend(ledger, { userId: other, amount: 10 });
  const holder = await ledger.addUser();
  await purchase(ledger, { userId: holder, amount: 50 });
  const { id: holdId } = await hold(ledger, { userId: holder, amount: 20 });
  const { id: refundedTxId } = await spend(ledger, { userId: holder, amount: 30 });
  await refund(ledger, { userId: holder, amount: 4, refundOf: refundedTxId });
  const lotOf = async (owner: string): Promise<string> => {
    const [lot] = await ledger.database.read<{ id: string }>(
      'select id from credit_lot where account_id = (select id from credit_account where owner_id = ?)',
      [owner],
    );
    return lot?.id ?? '';
  };
  const newcomer = await ledger.addUser();
  await transact(ledger, (tx) => openAccount(ledger, tx, newcomer));
  const [empty] = await ledger.database.read<{ id: string }>('select id from credit_account where owner_id = ?', [
    newcomer,
  ]);
  const userId = await ledger.addUser();
  const key = `key-${userId}`;
  await purchase(ledger, { userId, amount: 100, idempotencyKey: key });
  const { id: spendTxId } = await spend(ledger, { userId, amount: 30 });
  const entries = await ledger.database.read<{ account_id: string; hash: Buffer }>(
    'select account_id, hash from credit_entry where account_id = (select id from credit_account where owner_id = ?) order by seq',
    [userId],
  );
  const [first, last] = entries;
  if (first === undefined || last === undefined || empty === undefined) throw new Error('the target has no entries');
  await ledger.database.read('update credit_account set ceiling = 10 where id = ?', [empty.id]);
  return {
    accountId: last.account_id,
    lotId: await lotOf(userId),
    foreignLotId: await lotOf(holder),
    holdId,
    emptyId: empty.id,
    spendTxId,
    refundedTxId,
    foreignTxId,
    key,
    headHash: last.hash,
    firstHash: first.hash,
    now: ledger.now(),
    newId: ledger.newId(),
  };
}

/** The next entry of the target as our own code would write it, but for what the attack changes. */
export function insertEntry(target: Target, changes: Record<string, SqlValue> = {}, verb = 'insert'): Statement {
  const { amount = -1, balance_after: after = 69 } = changes as { amount?: number; balance_after?: number };
  const moved = Math.max(after, 0) - Math.max(after - amount, 0);
  const row: Record<string, SqlValue> = {
    account_id: target.accountId,
    seq: 3,
    tx_id: target.newId,
    contra_id: SYSTEM_ACCOUNTS.spends.id,
    kind: 'spend',
    amount: -1,
    balance_after: 69,
    client_id: 'script',
    idem_key: null,
    actor: 'attacker',
    created_at: target.now,
    prev_hash: target.headHash,
    hash: Buffer.alloc(32, 7),
    lots: JSON.stringify([moved > 0 ? bornLot(target.newId, moved) : { lot: target.lotId, amount: moved }]),
    ...changes,
  };
  return insert(`${verb} into credit_entry`, row);
}

function bornLot(lot: string, amount: number) {
  return { lot, amount, category: 'paid', priority: 50, expires: null };
}

function insert(into: string, row: Record<string, SqlValue>): Statement {
  const columns = Object.keys(row);
  return {
    sql: `${into} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    params: Object.values(row),
  };
}

function insertAccount(target: Target, changes: Record<string, SqlValue>, verb = 'insert'): Statement {
  const row = { id: target.newId, kind: 'user', head_hash: Buffer.alloc(0), created_at: target.now, ...changes };
  return insert(`${verb} into credit_account`, row);
}

function insertAudit(target: Target, rowid: number): Statement {
  const act = { actor: 'attacker', action: 'none', target: 'none', client_id: 'none', details: '{}' };
  return insert('insert or replace into audit_entry', { rowid, id: target.newId, at: target.now, ...act });
}

const onAccount = (set: string) => (target: Target) => ({
  sql: `update credit_account set ${set} where id = ?`,
  params: [target.accountId],
});
const onLot = (set: string) => (target: Target) => ({
  sql: `update credit_lot set ${set} where id = ?`,
  params: [target.lotId],
});
const onHold = (set: string) => (target: Target) => ({
  sql: `update credit_hold set ${set} where id = ?`,
  params: [target.holdId],
});
const lots = (changes: (target: Target) => object[]) => entry((t) => ({ lots: JSON.stringify(changes(t)) }));
const bought = (changes: (target: Target) => object[]) =>
  entry((t) => ({
    kind: 'purchase',
    contra_id: SYSTEM_ACCOUNTS.purchases.id,
    amount: 5,
    balance_after: 75,
    lots: JSON.stringify(changes(t)),
  }));
const onRefundable = (set: string) => (target: Target) => ({
  sql: `update credit_refundable set ${set} where tx_id = ?`,
  params: [target.refundedTxId],
});
const entry =
  (changes: Record<string, SqlValue> | ((target: Target) => Record<string, SqlValue>), verb?: string) =>
  (target: Target) =>
    insertEntry(target, typeof changes === 'function' ? changes(target) : changes, verb);

export interface Attack {
  refuses: string;
  only?: FreshDatabase['name'];
  attack: (target: Target) => Statement;
}

export const attacks: readonly Attack[] = [
  {
    refuses: 'an entry that changes',
    attack: (t) => ({ sql: 'update credit_entry set amount = amount + 1 where account_id = ?', params: [t.accountId] }),
  },
  {
    refuses: 'a description that changes',
    attack: (t) => ({ sql: `update credit_entry set description = 'x' where account_id = ?`, params: [t.accountId] }),
  },
  {
    refuses: 'an entry that is deleted',
    attack: (t) => ({ sql: 'delete from credit_entry where account_id = ?', params: [t.accountId] }),
  },
  {
    refuses: 'a refundable that is deleted',
    attack: (t) => ({ sql: 'delete from credit_refundable where tx_id = ?', params: [t.refundedTxId] }),
  },
  {
    refuses: 'audit entries that change',
    attack: () => ({ sql: `update audit_entry set actor = 'nobody'`, params: [] }),
  },
  ...['credit_entry', 'credit_account', 'credit_refundable', 'credit_hold', 'credit_lot', 'audit_entry'].map(
    (table): Attack => ({
      refuses: `truncating ${table}`,
      only: 'postgresql',
      attack: () => ({ sql: `truncate ${table} cascade`, params: [] }),
    }),
  ),

  { refuses: 'an account born with a balance', attack: (t) => insertAccount(t, { balance: 5 }) },
  { refuses: 'an account born with a history', attack: (t) => insertAccount(t, { seq: 1 }) },
  { refuses: 'an account born with a head', attack: (t) => insertAccount(t, { head_hash: Buffer.from('00', 'hex') }) },
  {
    refuses: 'a second account of one user',
    attack: (t) => ({
      sql: `insert into credit_account (id, owner_id, kind, head_hash, created_at)
          select ?, owner_id, kind, head_hash, created_at from (select owner_id, kind, created_at, (select head_hash from credit_account where name = 'sys:spends') as head_hash from credit_account where id = ?) other`,
      params: [t.newId, t.accountId],
    }),
  },
  { refuses: 'an account that changes its owner', attack: onAccount('owner_id = null') },
  { refuses: 'an account that changes its unit', attack: onAccount(`unit = 'gold'`) },
  { refuses: 'an account that changes its kind', attack: onAccount(`kind = 'system'`) },
  { refuses: 'a balance that moves without an entry', attack: onAccount('balance = balance + 1') },
  { refuses: 'a hold without an entry', attack: onAccount('held = held + 1') },
  { refuses: 'a seq that moves without an entry', attack: onAccount('seq = seq + 1') },
  {
    refuses: 'a head that goes back to an earlier entry',
    attack: (t) => ({
      sql: 'update credit_account set balance = 100, seq = 1, head_hash = ? where id = ?',
      params: [t.firstHash, t.accountId],
    }),
  },
  {
    refuses: 'a time of the head that moves without an entry',
    attack: (t) => ({
      sql: 'update credit_account set head_at = ? where id = ?',
      params: [new Date(0), t.accountId],
    }),
  },

  { refuses: 'a forged balance_after', attack: entry({ balance_after: 5000 }) },
  { refuses: 'a forged held_after', attack: entry({ held_after: -5 }) },
  { refuses: 'a gap in seq', attack: entry({ seq: 4 }) },
  { refuses: 'a stale head', attack: entry((t) => ({ seq: 2, prev_hash: t.firstHash, balance_after: 99 })) },
  { refuses: 'a broken chain', attack: entry({ prev_hash: Buffer.alloc(32, 1) }) },
  { refuses: 'an overdraft', attack: entry({ amount: -71, balance_after: -1 }) },
  { refuses: 'an amount of nothing', attack: entry({ amount: 0, balance_after: 70 }) },
  {
    refuses: 'an entry before the last one in time',
    attack: entry((t) => ({ created_at: new Date(t.now.getTime() - 1) })),
  },
  { refuses: 'a second entry with the same key', attack: entry((t) => ({ idem_key: t.key })) },
  { refuses: 'a second entry with the same transaction', attack: entry((t) => ({ tx_id: t.spendTxId })) },
  {
    refuses: 'a balance beyond 2^53 - 1',
    attack: entry({ kind: 'purchase', amount: 2 ** 53 - 70, balance_after: 2 ** 53 }),
  },
  { refuses: 'an amount that is no integer', only: 'sqlite', attack: entry({ amount: -0.5, balance_after: 69.5 }) },
  { refuses: 'an entry against its own account', attack: entry((t) => ({ contra_id: t.accountId })) },
  { refuses: 'an entry against an account that does not exist', attack: entry((t) => ({ contra_id: t.newId })) },
  {
    refuses: 'an entry on a system account',
    attack: entry({
      account_id: SYSTEM_ACCOUNTS.purchases.id,
      seq: 1,
      amount: -1,
      balance_after: -1,
      prev_hash: Buffer.alloc(0),
    }),
  },
  {
    refuses: 'two entries of one statement that do not follow one another',
    only: 'postgresql',
    attack: (t) => ({
      sql: `insert into credit_entry (account_id, seq, tx_id, contra_id, kind, amount, balance_after, client_id, actor, created_at, prev_hash, hash)
          select account_id, 2 + n, gen_random_uuid(), contra_id, 'purchase', 5, 70 + 5 * n, 'script', 'attacker', created_at,
            case n when 1 then hash else '\\x00' end, sha256(hash) from credit_entry cross join generate_series(1, 2) n where account_id = ? and seq = 2`,
      params: [t.accountId],
    }),
  },

  {
    refuses: 'a refund beyond its spend',
    attack: entry((t) => ({ kind: 'refund', amount: 31, balance_after: 101, origin_tx_id: t.spendTxId })),
  },
  {
    refuses: 'a refund of nothing that was spent',
    attack: entry((t) => ({ kind: 'refund', amount: 1, balance_after: 71, origin_tx_id: t.newId })),
  },
  {
    refuses: 'a refund of what another account spent',
    attack: (t) => insertEntry(t, { kind: 'refund', amount: 1, balance_after: 71, origin_tx_id: t.foreignTxId }),
  },
  {
    refuses: 'a refund beyond its spend whose faults are to be passed over',
    only: 'sqlite',
    attack: (t) =>
      insertEntry(t, { kind: 'refund', amount: 31, balance_after: 101, origin_tx_id: t.spendTxId }, 'insert or ignore'),
  },
  { refuses: 'a refund that names no spend', attack: entry({ kind: 'refund', amount: 1, balance_after: 71 }) },
  { refuses: 'a refund that takes', attack: entry((t) => ({ kind: 'refund', origin_tx_id: t.spendTxId })) },
  { refuses: 'a spend that gives', attack: entry({ amount: 1, balance_after: 71 }) },
  { refuses: 'a spend refunded above its amount', attack: onRefundable('refunded = 31') },
  { refuses: 'a spend refunded without an entry', attack: onRefundable('refunded = 5') },
  { refuses: 'a refunded sum that goes down', attack: onRefundable('refunded = 3') },
  { refuses: 'a refundable that grows', attack: onRefundable('amount = amount + 1') },
  {
    refuses: 'a refundable without a spend',
    attack: (t) => insert('insert into credit_refundable', { tx_id: t.newId, account_id: t.accountId, amount: 1000 }),
  },
  {
    refuses: 'a spend that is given back without an entry',
    attack: (t) =>
      insert('insert into credit_refundable', {
        tx_id: t.spendTxId,
        account_id: t.accountId,
        amount: 30,
        refunded: 5,
      }),
  },

  { refuses: 'a lot that is filled without an entry', attack: onLot('remaining = remaining + 1') },
  {
    refuses: 'a lot that is emptied without an entry, as if the newest had done it',
    attack: onLot('remaining = 0, live = false, seq = 2'),
  },
  { refuses: 'a lot that moves to an entry to come', attack: onLot('remaining = 1, seq = 3') },
  {
    refuses: 'a lot that is filled between two entries of the same statement that name it',
    only: 'postgresql',
    attack: (t) => {
      const first = insertEntry(t);
      const next = {
        seq: 4,
        tx_id: t.emptyId,
        balance_after: 68,
        prev_hash: Buffer.alloc(32, 7),
        hash: Buffer.alloc(32, 8),
      };
      const second = insertEntry(t, next);
      const rows = `${first.sql}, ${second.sql.slice(second.sql.indexOf('values') + 'values'.length)}`;
      return {
        sql: `with entered as (${rows} returning 1), filled as (
            update credit_lot set remaining = remaining + 20, seq = 3
            where id = ? and (select count(*) from entered) > 0 returning 1)
          select count(*) from filled`,
        params: [...first.params, ...second.params, t.lotId],
      };
    },
  },
  { refuses: 'a lot that lives longer', attack: onLot('expires_at = created_at') },
  { refuses: 'a lot that changes its priority', attack: onLot('priority = 1') },
  { refuses: 'a lot that was not bought after all', attack: onLot('paid = false') },
  { refuses: 'a lot of another account', attack: onLot(`account_id = (select account_id from credit_hold limit 1)`) },
  {
    refuses: 'a lot that is deleted',
    attack: (t) => ({ sql: 'delete from credit_lot where id = ?', params: [t.lotId] }),
  },
  {
    refuses: 'a lot from nowhere',
    attack: (t) =>
      insert('insert into credit_lot', {
        id: t.newId,
        account_id: t.accountId,
        tx_id: t.spendTxId,
        paid: true,
        priority: 0,
        amount: 1000,
        remaining: 1000,
        seq: 2,
        expires_at: t.now,
        created_at: t.now,
      }),
  },
  { refuses: 'a spend that burns no lot', attack: entry({ lots: null }) },
  { refuses: 'a spend that burns more than it spends', attack: lots((t) => [{ lot: t.lotId, amount: -2 }]) },
  {
    refuses: 'a spend that burns the lot of another account',
    attack: lots((t) => [{ lot: t.foreignLotId, amount: -1 }]),
  },
  {
    refuses: 'a purchase above the ceiling',
    attack: entry((t) => ({
      account_id: t.emptyId,
      seq: 1,
      kind: 'purchase',
      contra_id: SYSTEM_ACCOUNTS.purchases.id,
      amount: 11,
      balance_after: 11,
      prev_hash: Buffer.alloc(0),
    })),
  },
  {
    refuses: 'a lot of a priority that there is not',
    attack: bought((t) => [{ ...bornLot(t.newId, 5), priority: 101 }]),
  },
  {
    refuses: 'a lot of no category that there is',
    attack: bought((t) => [{ ...bornLot(t.newId, 5), category: 'gift' }]),
    only: 'sqlite',
  },
  {
    refuses: 'one good lot and one that is not',
    attack: bought((t) => [bornLot(t.newId, 2), { ...bornLot(t.spendTxId, 3), priority: -1 }]),
  },
  {
    refuses: 'two lots of half a credit more',
    attack: bought((t) => [bornLot(t.newId, 2.5), bornLot(t.spendTxId, 2.5)]),
  },
  { refuses: 'a lot with no name', attack: bought(() => [{ ...bornLot('', 5), lot: null }]) },
  {
    refuses: 'a refund that overfills the lot it goes to',
    attack: entry((t) => ({
      kind: 'adjustment',
      contra_id: SYSTEM_ACCOUNTS.adjustments.id,
      amount: 31,
      balance_after: 101,
      lots: JSON.stringify([{ lot: t.lotId, amount: 31 }]),
    })),
  },
  ...(
    [
      ['twice the same member', (lot) => `[{"lot":"${lot}","amount":-1,"amount":-50}]`],
      ['white space', (lot) => `[ {"lot":"${lot}","amount":-1} ]`],
      ['members in another order', (lot) => `[{"amount":-1,"lot":"${lot}"}]`],
      ['a member more', (lot) => `[{"lot":"${lot}","amount":-1,"note":1}]`],
      ['a real number', (lot) => `[{"lot":"${lot}","amount":-1.0}]`],
      ['a text for a number', (lot) => `[{"lot":"${lot}","amount":"-1"}]`],
      ['JSON5', (lot) => `[{lot:'${lot}',amount:-1}]`],
      ['an object', (lot) => `{"0":{"lot":"${lot}","amount":-1}}`],
      ['what is no JSON', () => '[{'],
    ] as const satisfies readonly (readonly [string, (lot: string) => string])[]
  ).map(([how, written]): Attack => ({
    refuses: `lots written with ${how}`,
    only: 'sqlite',
    attack: entry((t) => ({ lots: written(t.lotId) })),
  })),
  { refuses: 'a spend that burns a lot that does not exist', attack: lots((t) => [{ lot: t.newId, amount: -1 }]) },
  {
    refuses: 'a spend that fills one lot and burns more of another',
    attack: lots((t) => [bornLot(t.newId, 5), { lot: t.lotId, amount: -6 }]),
  },
  {
    refuses: 'a lot that is filled above what it was',
    attack: entry((t) => ({
      kind: 'purchase',
      amount: 31,
      balance_after: 101,
      lots: JSON.stringify([{ lot: t.lotId, amount: 31 }]),
    })),
  },
  { refuses: 'a hold that is captured without an entry', attack: onHold('captured = 1') },
  { refuses: 'a hold that is let go without an entry', attack: onHold('released = 20, open = false') },
  { refuses: 'a hold that grows', attack: onHold('amount = 21') },
  { refuses: 'a hold that lasts longer', attack: onHold('expires_at = created_at') },
  {
    refuses: 'a hold that is deleted',
    attack: (t) => ({ sql: 'delete from credit_hold where id = ?', params: [t.holdId] }),
  },
  {
    refuses: 'a hold from nowhere',
    attack: (t) =>
      insert('insert into credit_hold', {
        id: t.newId,
        account_id: t.accountId,
        amount: 5,
        expires_at: t.now,
        created_at: t.now,
      }),
  },
  {
    refuses: 'a capture of a hold of another account',
    attack: entry((t) => ({ kind: 'capture', held_delta: -1, held_after: -1, origin_tx_id: t.holdId })),
  },
  {
    refuses: 'a hold beyond what is available',
    attack: entry((t) => ({
      kind: 'hold',
      amount: 0,
      held_delta: 71,
      held_after: 71,
      balance_after: 70,
      lots: null,
      expires_at: t.now,
    })),
  },
  {
    refuses: 'a hold that moves the balance',
    attack: entry((t) => ({ kind: 'hold', held_delta: 1, held_after: 1, expires_at: t.now })),
  },
  { refuses: 'a kind of entry that there is not', attack: entry({ kind: 'gift' }) },
  {
    refuses: 'a clawback of a spend of another account',
    attack: entry((t) => ({ kind: 'clawback', origin_tx_id: t.foreignTxId })),
  },
  { refuses: 'one leg of a transfer', attack: entry({ kind: 'transfer_in', amount: 5, balance_after: 75, leg: 1 }) },
  { refuses: 'a floor above the balance', attack: onAccount('floor = 71') },
  { refuses: 'a ceiling below the balance', attack: onAccount('ceiling = 69') },
  ...(['credit_lot', 'credit_hold'] as const).flatMap((table): Attack[] => [
    {
      refuses: `a row of ${table} that replaces another`,
      only: 'sqlite',
      attack: () => ({ sql: `replace into ${table} select * from ${table}`, params: [] }),
    },
  ]),

  {
    refuses: 'an entry that replaces another',
    only: 'sqlite',
    attack: entry((t) => ({ seq: 2, prev_hash: t.firstHash, balance_after: 99 }), 'insert or replace'),
  },
  {
    refuses: 'a next entry that replaces the one with its key',
    only: 'sqlite',
    attack: entry((t) => ({ idem_key: t.key }), 'insert or replace'),
  },
  {
    refuses: 'a next entry that replaces the one with its transaction',
    only: 'sqlite',
    attack: entry((t) => ({ tx_id: t.spendTxId }), 'insert or replace'),
  },
  {
    refuses: 'a next entry that replaces another by its rowid',
    only: 'sqlite',
    attack: entry({ rowid: 1 }, 'insert or replace'),
  },
  { refuses: 'an entry with the rowid that hides a replacement', only: 'sqlite', attack: entry({ rowid: -1 }) },
  {
    refuses: 'a refundable that replaces another',
    only: 'sqlite',
    attack: (t) =>
      insert('replace into credit_refundable', { tx_id: t.refundedTxId, account_id: t.accountId, amount: 30 }),
  },
  {
    refuses: 'an entry that updates the one it meets',
    only: 'postgresql',
    attack: (t) => {
      const { sql, params } = insertEntry(t, { seq: 2 });
      return { sql: `${sql} on conflict (account_id, seq) do update set amount = 1`, params };
    },
  },
  {
    refuses: 'a user with credits that is deleted',
    attack: (t) => ({
      sql: 'delete from users where id = (select owner_id from credit_account where id = ?)',
      params: [t.accountId],
    }),
  },
  {
    refuses: 'an account that is deleted',
    attack: (t) => ({ sql: 'delete from credit_account where id = ?', params: [t.emptyId] }),
  },
  { refuses: 'audit entries that are deleted', attack: () => ({ sql: 'delete from audit_entry', params: [] }) },
  {
    refuses: 'an audit entry that replaces another',
    only: 'sqlite',
    attack: () => ({ sql: `replace into audit_entry select * from audit_entry`, params: [] }),
  },
  {
    refuses: 'an audit entry that replaces another by its rowid',
    only: 'sqlite',
    attack: (t) => insertAudit(t, 1),
  },
  {
    refuses: 'an audit entry with the rowid that hides a replacement',
    only: 'sqlite',
    attack: (t) => insertAudit(t, -1),
  },
  {
    refuses: 'an account that replaces another',
    only: 'sqlite',
    attack: (t) => insertAccount(t, { id: t.emptyId }, 'replace'),
  },
  {
    refuses: 'an account that replaces another by its rowid',
    only: 'sqlite',
    attack: (t) => ({
      sql: `replace into credit_account (rowid, id, kind, head_hash, created_at)
            select rowid, ?, kind, head_hash, created_at from credit_account where id = ?`,
      params: [t.newId, t.emptyId],
    }),
  },
  {
    refuses: 'an account with the rowid that hides a replacement',
    only: 'sqlite',
    attack: (t) => insertAccount(t, { rowid: -1 }),
  },
  {
    refuses: 'an account that replaces a system account by its name',
    only: 'sqlite',
    attack: (t) => insertAccount(t, { name: 'sys:adjustments', kind: 'system' }, 'replace'),
  },
];
