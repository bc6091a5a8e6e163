import type { EntryKind } from './entities.ts';

/**
 * The other side of every entry. Migration 0003 makes these rows and nothing changes them: a system account's balance is
 * minus the sum of the entries that name it, so no posting waits for another one's system account.
 */
export const SYSTEM_ACCOUNTS = {
  purchases: { id: '00000000-0000-7000-8000-000000000001', name: 'sys:purchases' },
  spends: { id: '00000000-0000-7000-8000-000000000002', name: 'sys:spends' },
  adjustments: { id: '00000000-0000-7000-8000-000000000003', name: 'sys:adjustments' },
} as const;

/** Which system account stands against an entry. A refund takes back from where the spend went. */
export const CONTRA_ACCOUNTS = {
  purchase: SYSTEM_ACCOUNTS.purchases.id,
  spend: SYSTEM_ACCOUNTS.spends.id,
  refund: SYSTEM_ACCOUNTS.spends.id,
  adjustment: SYSTEM_ACCOUNTS.adjustments.id,
} as const satisfies Record<EntryKind, string>;
