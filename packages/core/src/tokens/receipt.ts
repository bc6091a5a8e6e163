import jsonwebtoken from 'jsonwebtoken';

import { findEntry, type EntryKind, type TransactionName } from '../credits/index.ts';
import type { KeyRing } from '../keys/index.ts';
import type { Scope } from '../scope.ts';

/** What a receipt says. It does not expire: the ledger does not forget. */
export interface ReceiptClaims {
  iss: string;
  iat: number;
  /** The user whose account it is. */
  sub: string;
  receipt: {
    /** The transaction. */
    id: string;
    account: string;
    unit: string;
    /** The place of the entry in its account: 1, 2, 3 … */
    seq: number;
    type: EntryKind;
    amount: number;
    balance_after: number;
    /** SHA-256 of the entry, in hex (docs/ledger.md says over what). */
    hash: string;
    /** The hash of the entry before; empty for the first. */
    prev_hash: string;
    /** RFC 3339 with milliseconds. */
    created_at: string;
  };
}

/**
 * Signs a receipt of a transaction with the active key, as a compact JWS of type `receipt+jwt`. Whoever holds it can show
 * later what the ledger said: the entry's hash covers the entry, and by `prev_hash` all of the account before it.
 *
 * @throws InvalidInput, TransactionMissing
 * @throws NoSigningKey
 */
export async function issueReceipt(scope: Scope, keys: KeyRing, name: TransactionName): Promise<string> {
  const { entry, owner } = await findEntry(scope, name);
  const claims: ReceiptClaims = {
    iss: scope.settings.issuer,
    iat: Math.floor(scope.now().getTime() / 1000),
    sub: owner.userId,
    receipt: {
      id: entry.txId,
      account: entry.accountId,
      unit: owner.unit,
      seq: entry.seq,
      type: entry.kind,
      amount: entry.amount,
      balance_after: entry.balanceAfter,
      hash: entry.hash.toString('hex'),
      prev_hash: entry.prevHash.toString('hex'),
      created_at: entry.createdAt.toISOString(),
    },
  };
  const { kid, algorithm, privateKey } = keys.active();
  return jsonwebtoken.sign(claims, privateKey, {
    algorithm,
    keyid: kid,
    header: { alg: algorithm, typ: 'receipt+jwt' },
  });
}
