import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

import { User } from '../users/entities.ts';

export const ENTRY_KINDS = [
  'purchase',
  'grant',
  'spend',
  'adjustment',
  'refund',
  'clawback',
  'transfer_out',
  'transfer_in',
  'hold',
  'capture',
  'release',
  'hold_expiry',
  'expiry',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
export type LotCategory = 'paid' | 'promo';
export type AccountStatus = 'open' | 'frozen' | 'closed';

/** The head of one owner's ledger in one unit. Only the trigger on `credit_entry` moves balance, held, seq and headHash. */
export const CreditAccount = defineEntity({
  name: 'CreditAccount',
  tableName: 'credit_account',
  properties: {
    id: p.uuid().primary(),
    owner: () =>
      p.manyToOne(User).mapToPk().nullable().fieldName('owner_id').deleteRule('restrict').updateRule('no action'),
    unit: p.text().default('credit'),
    kind: p.text().$type<'user' | 'system'>(),
    /** For system accounts only: what the other side of the entries is, such as `sys:purchases`. */
    name: p.text().nullable().unique(),
    status: p.text().$type<AccountStatus>().default('open'),
    floor: p.bigint('number').default(0),
    ceiling: p.bigint('number').nullable(),
    balance: p.bigint('number').default(0),
    held: p.bigint('number').default(0),
    seq: p.bigint('number').default(0),
    headHash: p.blob(),
    headAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
  },
  uniques: [{ name: 'credit_account_owner_unit_unique', properties: ['owner', 'unit'] }],
  checks: [
    { name: 'credit_account_held_check', expression: 'held >= 0' },
    { name: 'credit_account_seq_check', expression: 'seq >= 0' },
    { name: 'credit_account_ceiling_check', expression: 'ceiling is null or balance <= ceiling' },
    { name: 'credit_account_range_check', expression: 'balance >= -9007199254740991 and balance <= 9007199254740991' },
    { name: 'credit_account_status_check', expression: "status in ('open','frozen','closed')" },
    { name: 'credit_account_kind_check', expression: "kind in ('user','system')" },
  ],
});
export type CreditAccount = InferEntity<typeof CreditAccount>;

/** What each kind of entry may do to the balance and to what is held. */
const ENTRY_SHAPE = [
  "(kind in ('purchase','grant','refund','transfer_in') and amount > 0 and held_delta = 0)",
  "(kind in ('spend','clawback','expiry','transfer_out') and amount < 0 and held_delta = 0)",
  "(kind = 'adjustment' and held_delta = 0)",
  "(kind = 'hold' and amount = 0 and held_delta > 0 and expires_at is not null)",
  "(kind = 'capture' and amount < 0 and held_delta <= amount)",
  "(kind in ('release','hold_expiry') and amount = 0 and held_delta < 0)",
].join(' or ');

/** What an entry does to one lot: a change of what remains in it, or, with its terms, its birth. */
export type LotChange = LotMove | LotBirth;

interface LotMove {
  readonly lot: string;
  readonly amount: number;
}

export interface LotBirth extends LotMove {
  readonly category: LotCategory;
  readonly priority: number;
  /** RFC 3339 with milliseconds; null for never. */
  readonly expires: string | null;
}

/** One posting. Rows are only ever inserted: triggers refuse everything else. */
export const CreditEntry = defineEntity({
  name: 'CreditEntry',
  tableName: 'credit_entry',
  properties: {
    // That both accounts exist is checked once for a statement, not by a foreign key for each row.
    account: () =>
      p.manyToOne(CreditAccount).mapToPk().primary().fieldName('account_id').createForeignKeyConstraint(false),
    seq: p.bigint('number').primary(),
    txId: p.uuid(),
    leg: p.smallint().default(0),
    contra: () => p.manyToOne(CreditAccount).mapToPk().fieldName('contra_id').createForeignKeyConstraint(false),
    kind: p.text().$type<EntryKind>(),
    amount: p.bigint('number'),
    heldDelta: p.bigint('number').default(0),
    balanceAfter: p.bigint('number'),
    heldAfter: p.bigint('number').default(0),
    /** What a refund gives back, what a clawback takes back, the hold that is captured or released, the birth of what expires. */
    originTxId: p.uuid().nullable(),
    clientId: p.text(),
    /** Unique in its client; absent when the caller gave none. */
    idemKey: p.text().nullable(),
    requestHash: p.blob().nullable(),
    actor: p.text(),
    reference: p.text().nullable(),
    description: p.text().nullable(),
    correlationId: p.text().nullable(),
    /** With who asked from where, an entry is its own audit row: see the view `audit_trail`. */
    sessionId: p.uuid().nullable(),
    address: p.text().nullable(),
    metadata: p.json<Record<string, unknown>>().nullable(),
    createdAt: p.datetime(3),
    prevHash: p.blob(),
    hash: p.blob(),
    /** When a hold ends by itself. */
    expiresAt: p.datetime(3).nullable(),
    /** The user at the other end of a transfer. */
    counterpartyId: p.uuid().nullable(),
    /** Which lots are born and which move, by how much. */
    lots: p.json<LotChange[]>().nullable(),
  },
  uniques: [
    { name: 'credit_entry_tx_unique', properties: ['txId', 'leg'] },
    { name: 'credit_entry_key_unique', properties: ['clientId', 'idemKey', 'leg'], where: 'idem_key is not null' },
  ],
  indexes: [
    {
      name: 'credit_entry_kind_index',
      properties: ['account', 'kind', 'seq'],
      where: "kind <> 'spend'",
    },
    { name: 'credit_entry_origin_index', properties: ['originTxId'], where: 'origin_tx_id is not null' },
  ],
  checks: [
    { name: 'credit_entry_seq_check', expression: 'seq > 0' },
    { name: 'credit_entry_contra_check', expression: 'contra_id <> account_id' },
    { name: 'credit_entry_moves_check', expression: 'amount <> 0 or held_delta <> 0' },
    { name: 'credit_entry_range_check', expression: 'amount >= -9007199254740991 and amount <= 9007199254740991' },
    { name: 'credit_entry_shape_check', expression: ENTRY_SHAPE },
  ],
});
export type CreditEntry = InferEntity<typeof CreditEntry>;

/** How much of a spend, a capture or a purchase has been given back, once something is: the bound of its refunds or clawbacks. */
export const CreditRefundable = defineEntity({
  name: 'CreditRefundable',
  tableName: 'credit_refundable',
  properties: {
    txId: p.uuid().primary(),
    account: () =>
      p.manyToOne(CreditAccount).mapToPk().fieldName('account_id').deleteRule('restrict').updateRule('no action'),
    amount: p.bigint('number'),
    refunded: p.bigint('number').default(0),
  },
  checks: [
    { name: 'credit_refundable_amount_check', expression: 'amount > 0' },
    { name: 'credit_refundable_bound_check', expression: 'refunded >= 0 and refunded <= amount' },
  ],
});
export type CreditRefundable = InferEntity<typeof CreditRefundable>;

/** Credits set aside for a spend to come, by the transaction that did so. Moved by the trigger on `credit_entry` only. */
export const CreditHold = defineEntity({
  name: 'CreditHold',
  tableName: 'credit_hold',
  properties: {
    id: p.uuid().primary(),
    account: () =>
      p.manyToOne(CreditAccount).mapToPk().fieldName('account_id').deleteRule('restrict').updateRule('no action'),
    amount: p.bigint('number'),
    captured: p.bigint('number').default(0),
    released: p.bigint('number').default(0),
    /** Whether anything is still held. */
    open: p.boolean().default(true),
    expiresAt: p.datetime(3),
    createdAt: p.datetime(3),
  },
  indexes: [
    { name: 'credit_hold_due_index', properties: ['expiresAt'], where: 'open' },
    { name: 'credit_hold_account_index', properties: ['account', 'expiresAt'], where: 'open' },
  ],
  checks: [
    { name: 'credit_hold_amount_check', expression: 'amount > 0' },
    {
      name: 'credit_hold_bound_check',
      expression: 'captured >= 0 and released >= 0 and captured + released <= amount',
    },
    { name: 'credit_hold_open_check', expression: 'open = (captured + released < amount)' },
  ],
});
export type CreditHold = InferEntity<typeof CreditHold>;

/** Credits that came in together and are burnt together. Moved by the trigger on `credit_entry` only. */
export const CreditLot = defineEntity({
  name: 'CreditLot',
  tableName: 'credit_lot',
  properties: {
    id: p.uuid().primary(),
    account: () =>
      p.manyToOne(CreditAccount).mapToPk().fieldName('account_id').deleteRule('restrict').updateRule('no action'),
    /** The transaction that it came with. */
    txId: p.uuid(),
    /** Whether it was bought: promotional credits are burnt first. */
    paid: p.boolean(),
    priority: p.smallint(),
    amount: p.bigint('number'),
    remaining: p.bigint('number'),
    /** Whether anything remains. */
    live: p.boolean().default(true),
    /** The newest entry of the account that moved it. */
    seq: p.bigint('number'),
    /** The last millisecond of the year 9999 for never, so that one plain index has the burn order on both databases. */
    expiresAt: p.datetime(3),
    createdAt: p.datetime(3),
  },
  indexes: [
    {
      name: 'credit_lot_burn_index',
      properties: ['account', 'priority', 'expiresAt', 'paid', 'createdAt', 'id'],
      where: 'live',
    },
    { name: 'credit_lot_due_index', properties: ['expiresAt'], where: 'live' },
    { name: 'credit_lot_account_index', properties: ['account', 'expiresAt'], where: 'live' },
  ],
  checks: [
    { name: 'credit_lot_amount_check', expression: 'amount > 0' },
    { name: 'credit_lot_bound_check', expression: 'remaining >= 0 and remaining <= amount' },
    { name: 'credit_lot_live_check', expression: 'live = (remaining > 0)' },
    { name: 'credit_lot_priority_check', expression: 'priority >= 0 and priority <= 100' },
  ],
});
export type CreditLot = InferEntity<typeof CreditLot>;

/** One run of the verification of the ledger. */
export const LedgerVerification = defineEntity({
  name: 'LedgerVerification',
  tableName: 'ledger_verification',
  properties: {
    id: p.uuid().primary(),
    startedAt: p.datetime(3),
    /** Absent while it runs, or when it was broken off. */
    finishedAt: p.datetime(3).nullable(),
    /** Whether it looked at every entry, or only at those since the last good run. */
    whole: p.boolean(),
    ok: p.boolean().nullable(),
    checkedEntries: p.bigint('number').default(0),
    problems: p.json<Record<string, unknown>[]>(),
  },
});
export type LedgerVerification = InferEntity<typeof LedgerVerification>;

/** The newest entry of an account up to which it has been verified. */
export const CreditVerified = defineEntity({
  name: 'CreditVerified',
  tableName: 'credit_verified',
  properties: {
    account: () =>
      p
        .manyToOne(CreditAccount)
        .mapToPk()
        .primary()
        .fieldName('account_id')
        .deleteRule('restrict')
        .updateRule('no action'),
    seq: p.bigint('number'),
    hash: p.blob(),
  },
});
export type CreditVerified = InferEntity<typeof CreditVerified>;
