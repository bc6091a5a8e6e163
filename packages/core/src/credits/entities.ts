import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

import { User } from '../users/entities.ts';

export const ENTRY_KINDS = ['purchase', 'spend', 'adjustment', 'refund'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
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
    { name: 'credit_account_floor_check', expression: "kind = 'system' or balance - held >= floor" },
    { name: 'credit_account_ceiling_check', expression: 'ceiling is null or balance <= ceiling' },
    { name: 'credit_account_range_check', expression: 'balance >= -9007199254740991 and balance <= 9007199254740991' },
    { name: 'credit_account_status_check', expression: "status in ('open','frozen','closed')" },
    { name: 'credit_account_kind_check', expression: "kind in ('user','system')" },
  ],
});
export type CreditAccount = InferEntity<typeof CreditAccount>;

/** One posting. Rows are only ever inserted: triggers refuse everything else. */
export const CreditEntry = defineEntity({
  name: 'CreditEntry',
  tableName: 'credit_entry',
  properties: {
    account: () =>
      p
        .manyToOne(CreditAccount)
        .mapToPk()
        .primary()
        .fieldName('account_id')
        .deleteRule('restrict')
        .updateRule('no action'),
    seq: p.bigint('number').primary(),
    txId: p.uuid(),
    leg: p.smallint().default(0),
    contra: () =>
      p.manyToOne(CreditAccount).mapToPk().fieldName('contra_id').deleteRule('restrict').updateRule('no action'),
    kind: p.text().$type<EntryKind>(),
    amount: p.bigint('number'),
    heldDelta: p.bigint('number').default(0),
    balanceAfter: p.bigint('number'),
    heldAfter: p.bigint('number').default(0),
    /** The transaction that a refund gives back. */
    originTxId: p.uuid().nullable(),
    clientId: p.text(),
    /** Unique in its client; absent when the caller gave none. */
    idemKey: p.text().nullable(),
    requestHash: p.blob().nullable(),
    actor: p.text(),
    reference: p.text().nullable(),
    description: p.text().nullable(),
    correlationId: p.text().nullable(),
    metadata: p.json<Record<string, unknown>>().nullable(),
    createdAt: p.datetime(3),
    prevHash: p.blob(),
    hash: p.blob(),
  },
  uniques: [
    { name: 'credit_entry_tx_unique', properties: ['txId', 'leg'] },
    { name: 'credit_entry_key_unique', properties: ['clientId', 'idemKey', 'leg'] },
  ],
  indexes: [{ name: 'credit_entry_origin_index', properties: ['originTxId'] }],
  checks: [
    { name: 'credit_entry_seq_check', expression: 'seq > 0' },
    { name: 'credit_entry_contra_check', expression: 'contra_id <> account_id' },
    { name: 'credit_entry_moves_check', expression: 'amount <> 0 or held_delta <> 0' },
    { name: 'credit_entry_range_check', expression: 'amount >= -9007199254740991 and amount <= 9007199254740991' },
  ],
});
export type CreditEntry = InferEntity<typeof CreditEntry>;

/** How much of a spend has been given back: the bound of its refunds. */
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
