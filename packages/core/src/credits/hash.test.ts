import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { canonicalJson } from './canonical-json.ts';
import { entryOf, type Entry, type EntryRow } from './entry.ts';
import { hashEntry } from './hash.ts';
import { adjust, purchase, refund, spend, SYSTEM_ACCOUNTS } from './index.ts';

const EXAMPLE: Omit<Entry, 'hash'> = {
  accountId: '01900000-0000-7000-8000-00000000000a',
  seq: 2,
  txId: '01900000-0000-7000-8000-00000000000b',
  leg: 0,
  contraId: SYSTEM_ACCOUNTS.spends.id,
  kind: 'spend',
  amount: -30,
  heldDelta: 0,
  balanceAfter: 70,
  heldAfter: 0,
  originTxId: null,
  clientId: 'shop',
  idemKey: 'order-1',
  requestHash: Buffer.from('ab'.repeat(32), 'hex'),
  actor: 'service:shop',
  reference: null,
  description: 'Köpenick "2"',
  correlationId: null,
  sessionId: null,
  address: null,
  metadata: { b: 1, a: [true, 1e21] },
  createdAt: new Date('2026-01-15T12:00:00.000Z'),
  prevHash: Buffer.from('cd'.repeat(32), 'hex'),
  expiresAt: null,
  counterpartyId: null,
  lots: [{ lot: '01900000-0000-7000-8000-00000000000c', amount: -30 }],
};

test('the hash is SHA-256 over the canonical JSON that the description promises', () => {
  const text =
    '{"account_id":"01900000-0000-7000-8000-00000000000a","actor":"service:shop","amount":-30,"balance_after":70,' +
    '"client_id":"shop","contra_id":"00000000-0000-7000-8000-000000000002","correlation_id":null,' +
    '"created_at":"2026-01-15T12:00:00.000Z","description":"Köpenick \\"2\\"","held_after":0,"held_delta":0,' +
    `"idem_key":"order-1","kind":"spend","leg":0,"lots":[{"amount":-30,"lot":"01900000-0000-7000-8000-00000000000c"}],"metadata":{"a":[true,1e+21],"b":1},"origin_tx_id":null,` +
    `"prev_hash":"${'cd'.repeat(32)}","reference":null,"request_hash":"${'ab'.repeat(32)}","seq":2,` +
    '"tx_id":"01900000-0000-7000-8000-00000000000b","v":1}';
  expect(hashEntry(EXAMPLE)).toEqual(createHash('sha256').update(text).digest());
});

test('a change of any field but session and address changes the hash', () => {
  const changes: Omit<typeof EXAMPLE, 'sessionId' | 'address'> = {
    accountId: 'x',
    seq: 3,
    txId: 'x',
    leg: 1,
    contraId: 'x',
    kind: 'refund',
    amount: 30,
    heldDelta: 1,
    balanceAfter: 71,
    heldAfter: 1,
    originTxId: 'x',
    clientId: 'x',
    idemKey: null,
    requestHash: null,
    actor: 'x',
    reference: '',
    description: null,
    correlationId: '',
    metadata: null,
    createdAt: new Date(0),
    prevHash: Buffer.alloc(0),
    expiresAt: new Date(0),
    counterpartyId: 'x',
    lots: [{ lot: 'x', amount: 1 }],
  };
  const hashes = Object.entries(changes).map(([field, value]) =>
    hashEntry({ ...EXAMPLE, [field]: value }).toString('hex'),
  );
  expect(new Set([hashEntry(EXAMPLE).toString('hex'), ...hashes]).size).toBe(hashes.length + 1);
});

test('who asked from where can be erased without breaking the chain', () => {
  expect(hashEntry({ ...EXAMPLE, sessionId: 'x', address: '192.0.2.1' })).toEqual(hashEntry(EXAMPLE));
});

test('canonical JSON sorts by UTF-16 code units, as RFC 8785 says (3.2.3)', () => {
  const example = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
  expect(canonicalJson(example)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

describeOnEachDatabase('the chain of hashes', ({ url }) => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  afterAll(() => ledger.close());

  test('can be computed again from what the database holds, from the first entry to the head', async () => {
    const userId = await ledger.addUser();
    const metadata = { z: 1, a: [1e21, 5e-324, 0.1, '😀\n', { nested: null }] };
    await purchase(ledger, { userId, amount: 2 ** 53 - 1, metadata, idempotencyKey: 'chain', reference: 'é' });
    const { id: refundOf } = await spend(ledger, { userId, amount: 5, description: 'print "A4"' });
    await refund(ledger, { userId, amount: 2, refundOf });
    await adjust(ledger, { userId, amount: -1, description: 'correction' });
    const rows = await ledger.database.read<EntryRow>('select * from credit_entry order by seq');
    const entries = rows.map((row) => entryOf(row, ledger.database.dialect));
    const hashes = entries.map(hashEntry);
    expect(entries).toHaveLength(4);
    expect(entries.map((entry) => entry.hash)).toEqual(hashes);
    expect(entries.map((entry) => entry.prevHash)).toEqual([Buffer.alloc(0), ...hashes.slice(0, -1)]);
    const [account] = await ledger.database.read<{ head_hash: Buffer }>(
      'select head_hash from credit_account where owner_id = ?',
      [userId],
    );
    expect(account?.head_hash).toEqual(hashes.at(-1));
  });

  test('every system account that entries name exists and stays empty', async () => {
    const rows = await ledger.database.read<{ id: string; name: string }>(
      `select id, name from credit_account where kind = 'system' and balance = 0 and seq = 0 and unit = 'credit' order by id`,
    );
    expect(rows).toEqual(Object.values(SYSTEM_ACCOUNTS));
  });
});
