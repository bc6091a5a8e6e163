import type { EntryKind } from './entities.ts';

/**
 * The other side of every entry. Migrations 0003 and 0004 make these rows and nothing changes them: a system account's balance is
 * minus the sum of the entries that name it, so no posting waits for another one's system account.
 */
export const SYSTEM_ACCOUNTS = {
  purchases: { id: '00000000-0000-7000-8000-000000000001', name: 'sys:purchases' },
  spends: { id: '00000000-0000-7000-8000-000000000002', name: 'sys:spends' },
  adjustments: { id: '00000000-0000-7000-8000-000000000003', name: 'sys:adjustments' },
  promo: { id: '00000000-0000-7000-8000-000000000004', name: 'sys:promo' },
  expiry: { id: '00000000-0000-7000-8000-000000000005', name: 'sys:expiry' },
  transfers: { id: '00000000-0000-7000-8000-000000000006', name: 'sys:transfers' },
} as const;

/** Which system account stands against an entry. What is given or taken back goes where it came from. */
export const CONTRA_ACCOUNTS = {
  purchase: SYSTEM_ACCOUNTS.purchases.id,
  clawback: SYSTEM_ACCOUNTS.purchases.id,
  grant: SYSTEM_ACCOUNTS.promo.id,
  spend: SYSTEM_ACCOUNTS.spends.id,
  refund: SYSTEM_ACCOUNTS.spends.id,
  hold: SYSTEM_ACCOUNTS.spends.id,
  capture: SYSTEM_ACCOUNTS.spends.id,
  release: SYSTEM_ACCOUNTS.spends.id,
  hold_expiry: SYSTEM_ACCOUNTS.spends.id,
  adjustment: SYSTEM_ACCOUNTS.adjustments.id,
  transfer_out: SYSTEM_ACCOUNTS.transfers.id,
  transfer_in: SYSTEM_ACCOUNTS.transfers.id,
  expiry: SYSTEM_ACCOUNTS.expiry.id,
} as const satisfies Record<EntryKind, string>;
