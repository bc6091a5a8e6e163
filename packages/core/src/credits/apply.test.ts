import fc from 'fast-check';
import { expect, test } from 'vitest';

import { NaiveLedger, step, type Step } from '../../test/ledger-naive.ts';
import { testClock } from '../../test/scope.ts';
import { DomainError } from '../kernel/errors.ts';
import { idSource } from '../kernel/ids.ts';
import { SCRIPT } from '../scope.ts';
import {
  apply,
  applyTransfer,
  settle,
  type Head,
  type Hold,
  type Origin,
  type Posting,
  type SingleOperation,
} from './apply.ts';
import {
  AccountFrozen,
  BalanceOutOfRange,
  HoldExceeds,
  HoldMissing,
  InsufficientCredits,
  LotExpired,
  NotRefundable,
  RefundExceeds,
} from './errors.ts';
import { hashEntry } from './hash.ts';
import { burnOrder, NEVER, type Lot } from './lots.ts';
import { parseOperation, type Operation, type PostInput } from './operation.ts';
import { SYSTEM_ACCOUNTS } from './system-accounts.ts';

const NOW = new Date('2026-01-15T12:00:00.000Z');
const clock = testClock(NOW.toISOString());
const scope = { newId: idSource(clock), context: SCRIPT };
const AMOUNT_MAX = 2 ** 53 - 1;

/** One account as the database would keep it. */
class Account {
  readonly userId = scope.newId();
  readonly naive = new NaiveLedger();
  readonly holds = new Map<string, Hold>();
  readonly origins = new Map<string, Origin>();
  entries: Posting['entry'][] = [];
  lots: readonly Lot[] = [];
  head: Head = {
    accountId: scope.newId(),
    userId: this.userId,
    unit: 'credit',
    status: 'open',
    balance: 0,
    held: 0,
    floor: 0,
    ceiling: null,
    seq: 0,
    headHash: Buffer.alloc(0),
    headAt: null,
  };

  settle(now: Date): void {
    const due = settle(
      { head: this.head, lots: this.lots, holds: [...this.holds.values()] },
      { now, newId: scope.newId },
    );
    for (const posting of due) this.keep(posting);
  }

  keep(posting: Posting): void {
    expectToFollow(this.head, posting);
    expectLotsToSay(posting);
    this.entries.push(posting.entry);
    ({ head: this.head, lots: this.lots } = posting);
    if (posting.hold !== undefined) this.holds.set(posting.hold.id, posting.hold);
    if (posting.origin !== undefined) this.origins.set(posting.origin.txId, posting.origin);
  }
}

function expectToFollow(before: Head, { head, entry }: Posting): void {
  expect(entry.seq).toBe(before.seq + 1);
  expect(entry.prevHash).toEqual(before.headHash);
  expect(entry.hash).toEqual(hashEntry(entry));
  expect(entry.createdAt.getTime()).toBeGreaterThanOrEqual(before.headAt?.getTime() ?? 0);
  expect(head).toEqual({
    ...before,
    balance: before.balance + entry.amount,
    held: before.held + entry.heldDelta,
    seq: entry.seq,
    headHash: entry.hash,
    headAt: entry.createdAt,
  });
  expect([entry.balanceAfter, entry.heldAfter]).toEqual([head.balance, head.held]);
  expect(Math.abs(entry.amount) + Math.abs(entry.heldDelta)).toBeGreaterThan(0);
}

/** Lots hold together what the balance says, each within its bounds, in burn order; an entry moves them one way only. */
function expectLotsToSay({ head, lots, entry }: Posting): void {
  expect(lots.reduce((sum, lot) => sum + lot.remaining, 0)).toBe(Math.max(0, head.balance));
  expect(lots.every(({ remaining }) => remaining >= 0)).toBe(true);
  expect(lots).toEqual(lots.toSorted(burnOrder));
  expect(entry.lots.every(({ amount }) => Math.sign(amount) === Math.sign(entry.amount))).toBe(true);
}

const operationOf = (account: Account, other: Account, next: Step): Operation => {
  const named = account.naive.named(next) ?? scope.newId();
  const { type, amount, priority, lastsSeconds, flag, all } = next;
  const time = Math.max(clock().getTime(), account.head.headAt?.getTime() ?? 0);
  const expiresAt = lastsSeconds === 0 ? undefined : new Date(time + lastsSeconds * 1000);
  const inputs: Record<Step['type'], Partial<PostInput>> = {
    purchase: { amount, priority, expiresAt },
    grant: { amount, priority, expiresAt },
    spend: { amount },
    adjustment: { amount: flag ? -amount : amount, description: 'model', ...(flag ? {} : { priority, expiresAt }) },
    refund: { amount, refundOf: named },
    clawback: { amount, refundOf: named, allowNegative: flag },
    transfer: { amount, toUserId: other.userId },
    hold: { amount, expiresInSeconds: lastsSeconds || 20 },
    capture: { amount: all ? undefined : amount, holdId: named, final: flag },
    release: { holdId: named },
  };
  return parseOperation(scope, { type, userId: account.userId, ...inputs[type] });
};

function post(account: Account, other: Account, operation: Operation): Posting | DomainError {
  const moment = { now: clock(), newId: scope.newId };
  if (operation.kind === 'transfer') {
    const legs = applyTransfer({ from: account, to: other }, operation, moment);
    if (legs instanceof DomainError) return legs;
    account.keep(legs[0]);
    other.keep(legs[1]);
    return legs[0];
  }
  const named = 'originTxId' in operation ? operation.originTxId : '';
  const { head, lots } = account;
  const names = { hold: account.holds.get(named), origin: account.origins.get(named) };
  const posting = apply({ head, lots, ...names }, operation, moment);
  if (!(posting instanceof DomainError)) account.keep(posting);
  return posting;
}

test('any run of operations ends as a naive ledger does, in a chain without gaps and in order of time', () => {
  const move = fc.record({
    step,
    seconds: fc.integer({ min: -2, max: 5 }),
    first: fc.boolean(),
    frozen: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
  const limits = fc.record({ floor: fc.constantFrom(0, 0, -5), ceiling: fc.constantFrom(null, null, 25) });
  fc.assert(
    fc.property(limits, fc.array(move, { minLength: 1, maxLength: 60, size: 'max' }), (limit, moves) => {
      clock.set(NOW);
      const accounts = [new Account(), new Account()] as const;
      for (const account of accounts) {
        account.head = { ...account.head, ...limit };
        Object.assign(account.naive, { floor: limit.floor, ceiling: limit.ceiling ?? Infinity });
      }
      for (const { step: next, seconds, first, frozen } of moves) {
        clock.advanceSeconds(seconds);
        for (const account of accounts) {
          account.settle(clock());
          account.naive.passTo(clock().getTime());
        }
        const [account, other] = first ? accounts : [accounts[1], accounts[0]];
        account.head = { ...account.head, status: frozen ? 'frozen' : 'open' };
        account.naive.frozen = frozen;
        const operation = operationOf(account, other, next);
        const outcome = post(account, other, operation);
        expect(told(outcome)).toEqual(account.naive.post(next, operation.txId, other.naive));
        const kind = next.type === 'transfer' ? 'transfer_out' : next.type;
        expect(outcome instanceof DomainError ? kind : outcome.entry.kind).toBe(kind);
        for (const { lots, naive } of accounts) expect(coinsIn(lots)).toEqual(coinsOf(naive));
      }
      for (const { head, naive, holds } of accounts) {
        expect([head.balance, head.held]).toEqual([naive.balance, naive.held]);
        expect([...holds.values()].map(({ amount, captured, released }) => amount - captured - released)).toEqual(
          naive.holds.map(({ left }) => left),
        );
      }
      expectToConserve(accounts.flatMap(({ entries }) => entries));
    }),
    { numRuns: 300 },
  );
});

/** How many credits there are of each priority, sort, expiry and age. */
const coinsIn = (lots: readonly Lot[]): string[] =>
  counted(
    lots.map(({ priority, category, expiresAt, createdAt, remaining }) => ({
      sort: [priority, category === 'paid', expiresAt < NEVER ? expiresAt.getTime() : null, createdAt.getTime()],
      count: remaining,
    })),
  );
const coinsOf = ({ coins }: NaiveLedger): string[] =>
  counted(
    coins.map(({ priority, paid, expiresMs, bornMs }) => ({
      sort: [priority, paid, expiresMs === Infinity ? null : expiresMs, bornMs],
      count: 1,
    })),
  );

function counted(parts: readonly { sort: unknown; count: number }[]): string[] {
  const counts = new Map<string, number>();
  for (const { sort, count } of parts)
    counts.set(JSON.stringify(sort), (counts.get(JSON.stringify(sort)) ?? 0) + count);
  return [...counts]
    .filter(([, count]) => count > 0)
    .map((entry) => entry.join(' x '))
    .toSorted();
}

/** What users have, system accounts owe; transfers cancel out. */
function expectToConserve(entries: readonly Posting['entry'][]): void {
  const transfers = entries.filter(({ contraId }) => contraId === SYSTEM_ACCOUNTS.transfers.id);
  expect(transfers.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
  for (const out of transfers.filter(({ leg }) => leg === 0)) {
    const into = transfers.find(({ txId, leg }) => txId === out.txId && leg === 1);
    expect(into).toMatchObject({ kind: 'transfer_in', amount: -out.amount });
  }
}

function told(outcome: Posting | DomainError): unknown {
  if (outcome instanceof DomainError) return { code: outcome.code };
  const { amount, balanceAfter, heldAfter } = outcome.entry;
  return { amount, balanceAfter, heldAfter };
}

const NEW = new Account();
const MOMENT = { now: NOW, newId: scope.newId };
const operation = (input: Omit<PostInput, 'userId'>): SingleOperation =>
  parseOperation(scope, { description: 'test', userId: NEW.userId, ...input }) as SingleOperation;
const lot = (changes: Partial<Lot>): Lot => ({
  id: scope.newId(),
  txId: scope.newId(),
  category: 'paid',
  priority: 50,
  expiresAt: NEVER,
  remaining: 10,
  createdAt: NOW,
  ...changes,
});

test('an entry says all that its request said', () => {
  const context = { actor: 'service:shop', clientId: 'shop', correlationId: 'c-1' };
  const asked = parseOperation(
    { ...scope, context },
    {
      type: 'grant',
      userId: NEW.userId,
      amount: 7,
      description: 'welcome',
      reference: 'r-1',
      metadata: { a: 1 },
      idempotencyKey: 'k-1',
      priority: 3,
      expiresAt: new Date('2026-02-01T00:00:00.000Z'),
    },
  ) as SingleOperation;
  const posting = apply({ head: NEW.head, lots: [] }, asked, MOMENT) as Posting;
  expect(posting.entry).toMatchObject({
    accountId: NEW.head.accountId,
    seq: 1,
    txId: asked.txId,
    leg: 0,
    contraId: SYSTEM_ACCOUNTS.promo.id,
    kind: 'grant',
    amount: 7,
    originTxId: null,
    clientId: 'shop',
    idemKey: 'k-1',
    requestHash: asked.requestHash,
    actor: 'service:shop',
    reference: 'r-1',
    description: 'welcome',
    correlationId: 'c-1',
    metadata: { a: 1 },
    createdAt: NOW,
    expiresAt: null,
    counterpartyId: null,
    lots: [{ amount: 7, category: 'promo', priority: 3, expires: '2026-02-01T00:00:00.000Z' }],
  });
  expect(posting.lots).toMatchObject([
    { txId: asked.txId, remaining: 7, priority: 3, category: 'promo', createdAt: NOW },
  ]);
});

test('lots are burnt by priority, then what expires first, then promotional, then the oldest', () => {
  const soon = new Date('2026-01-16T00:00:00.000Z');
  const ordered = [
    lot({ priority: 1 }),
    lot({ expiresAt: soon, category: 'promo' }),
    lot({ expiresAt: soon }),
    lot({ category: 'promo' }),
    lot({ createdAt: new Date(NOW.getTime() - 1) }),
    lot({}),
  ];
  expect(ordered.toReversed().toSorted(burnOrder)).toEqual(ordered);
  const head = { ...NEW.head, balance: 60 };
  const { entry } = apply({ head, lots: ordered }, operation({ type: 'spend', amount: 45 }), MOMENT) as Posting;
  expect(entry.lots).toEqual(ordered.slice(0, 5).map(({ id }, at) => ({ lot: id, amount: at === 4 ? -5 : -10 })));
});

test('what is held cannot be spent, and what is available can, to the last credit', () => {
  const standing = { head: { ...NEW.head, balance: 10, held: 4 }, lots: [lot({})] };
  expect(apply(standing, operation({ type: 'spend', amount: 7 }), MOMENT)).toMatchObject({
    facts: { available: 6, required: 7 },
  });
  expect(apply(standing, operation({ type: 'spend', amount: 6 }), MOMENT)).toMatchObject({
    head: { balance: 4, held: 4 },
  });
});

test('a floor below zero is a limit for overdrafts, and what comes in pays the debt first', () => {
  const standing = { head: { ...NEW.head, floor: -50 }, lots: [] };
  const overdrawn = apply(standing, operation({ type: 'spend', amount: 50 }), MOMENT) as Posting;
  expect(overdrawn).toMatchObject({ head: { balance: -50 }, lots: [] });
  expect(apply(standing, operation({ type: 'spend', amount: 51 }), MOMENT)).toBeInstanceOf(InsufficientCredits);
  const paid = apply(overdrawn, operation({ type: 'purchase', amount: 60 }), MOMENT) as Posting;
  expect(paid).toMatchObject({ head: { balance: 10 }, lots: [{ remaining: 10 }] });
});

test('a ceiling is not exceeded', () => {
  const standing = { head: { ...NEW.head, ceiling: 100 }, lots: [] };
  expect(apply(standing, operation({ type: 'purchase', amount: 100 }), MOMENT)).toMatchObject({
    head: { balance: 100 },
  });
  expect(apply(standing, operation({ type: 'purchase', amount: 101 }), MOMENT)).toBeInstanceOf(BalanceOutOfRange);
});

test('no balance, debt or hold leaves what a number holds exactly', () => {
  const rich = {
    head: { ...NEW.head, balance: AMOUNT_MAX, floor: -AMOUNT_MAX },
    lots: [lot({ remaining: AMOUNT_MAX })],
  };
  expect(apply(rich, operation({ type: 'purchase', amount: 1 }), MOMENT)).toBeInstanceOf(BalanceOutOfRange);
  const holding = { ...rich, head: { ...rich.head, held: AMOUNT_MAX } };
  expect(apply(holding, operation({ type: 'hold', amount: 1 }), MOMENT)).toBeInstanceOf(BalanceOutOfRange);
  const txId = scope.newId();
  const origin: Origin = {
    txId,
    accountId: NEW.head.accountId,
    kind: 'purchase',
    amount: AMOUNT_MAX,
    refunded: 0,
    createdAt: NOW,
    lots: [],
  };
  const back = (amount: number): SingleOperation =>
    operation({ type: 'clawback', amount, refundOf: txId, allowNegative: true });
  const poor = { head: { ...NEW.head, balance: -1 }, lots: [], origin };
  expect(apply(poor, back(AMOUNT_MAX - 1), MOMENT)).toMatchObject({ head: { balance: -AMOUNT_MAX } });
  expect(apply(poor, back(AMOUNT_MAX), MOMENT)).toBeInstanceOf(BalanceOutOfRange);
});

test('a closed account takes nothing, not even a refund, a transfer or what is due', () => {
  const head = { ...NEW.head, status: 'closed' as const };
  const origin: Origin = {
    txId: scope.newId(),
    accountId: head.accountId,
    kind: 'spend',
    amount: 5,
    refunded: 0,
    createdAt: NOW,
    lots: [],
  };
  const refund = operation({ type: 'refund', amount: 5, refundOf: origin.txId });
  expect(apply({ head, lots: [], origin }, refund, MOMENT)).toBeInstanceOf(AccountFrozen);
  const transfer = parseOperation(scope, {
    type: 'transfer',
    userId: scope.newId(),
    toUserId: NEW.userId,
    amount: 1,
  }) as Extract<Operation, { kind: 'transfer' }>;
  const sender = { head: { ...NEW.head, balance: 10 }, lots: [lot({})] };
  expect(applyTransfer({ from: sender, to: { head, lots: [] } }, transfer, MOMENT)).toBeInstanceOf(AccountFrozen);
  const expired = lot({ expiresAt: new Date(0) });
  expect(settle({ head: { ...head, balance: 10 }, lots: [expired], holds: [] }, MOMENT)).toEqual([]);
});

test('a hold and a lot end in the very millisecond they say, posted with that time and nobody asking', () => {
  const at = new Date(NOW.getTime() + 1000);
  const before = new Date(at.getTime() - 1);
  const expiring = lot({ expiresAt: at });
  const ending: Hold = {
    id: scope.newId(),
    accountId: NEW.head.accountId,
    amount: 4,
    captured: 1,
    released: 0,
    expiresAt: at,
  };
  const dues = { head: { ...NEW.head, balance: 10, held: 3, headAt: NOW }, lots: [expiring], holds: [ending] };
  expect(settle(dues, { ...MOMENT, now: before })).toEqual([]);
  const later = { ...MOMENT, now: new Date(at.getTime() + 5_000) };
  const system = { actor: 'system', clientId: 'system', idemKey: null, createdAt: at };
  expect(settle(dues, later).map(({ entry }) => entry)).toMatchObject([
    { ...system, kind: 'expiry', amount: -7, contraId: SYSTEM_ACCOUNTS.expiry.id, originTxId: expiring.txId },
    { ...system, kind: 'hold_expiry', amount: 0, heldDelta: -3, originTxId: ending.id },
    { ...system, kind: 'expiry', amount: -3, lots: [{ lot: expiring.id, amount: -3 }] },
  ]);
});

const spent = (changes: Partial<Origin>): Origin => ({
  txId: scope.newId(),
  accountId: NEW.head.accountId,
  kind: 'spend',
  amount: 10,
  refunded: 0,
  createdAt: NOW,
  lots: [],
  ...changes,
});
const held = (changes: Partial<Hold>): Hold => ({
  id: scope.newId(),
  accountId: NEW.head.accountId,
  amount: 10,
  captured: 0,
  released: 0,
  expiresAt: NEVER,
  ...changes,
});

test('a refund goes back through what was burnt, from its end, and on from where the last refund stopped', () => {
  const [first, second] = [lot({ remaining: 0 }), lot({ remaining: 0 })];
  const origin = spent({
    amount: 20,
    refunded: 3,
    lots: [
      { lot: first.id, amount: -9 },
      { lot: second.id, amount: -6 },
    ],
  });
  const refundOf = (amount: number, balance = 0): Posting =>
    apply(
      { head: { ...NEW.head, balance }, lots: [first, second], origin },
      operation({ type: 'refund', amount, refundOf: origin.txId }),
      MOMENT,
    ) as Posting;
  const paid = { category: 'paid', priority: 50, expires: null };
  expect(refundOf(1).entry.lots).toMatchObject([{ ...paid, amount: 1 }]);
  expect(refundOf(5).entry.lots).toMatchObject([
    { ...paid, amount: 2 },
    { lot: second.id, amount: 3 },
  ]);
  expect(refundOf(17).entry.lots).toMatchObject([
    { ...paid, amount: 2 },
    { lot: second.id, amount: 6 },
    { lot: first.id, amount: 9 },
  ]);
  expect(refundOf(17).origin).toMatchObject({ txId: origin.txId, refunded: 20 });
  expect(refundOf(9, -4).entry.lots).toEqual([
    { lot: second.id, amount: 4 },
    { lot: first.id, amount: 1 },
  ]);
  expect(refundOf(18)).toBeInstanceOf(RefundExceeds);
});

test('credits that expired since they were spent come back with the time they had left', () => {
  const used = lot({ remaining: 0, priority: 7, category: 'promo', expiresAt: new Date(NOW.getTime() + 30_000) });
  const origin = spent({ lots: [{ lot: used.id, amount: -10 }] });
  const asked = operation({ type: 'refund', amount: 10, refundOf: origin.txId });
  const at = (seconds: number): Posting =>
    apply({ head: NEW.head, lots: [used], origin }, asked, {
      ...MOMENT,
      now: new Date(NOW.getTime() + seconds * 1000),
    }) as Posting;
  expect(at(29.999).entry.lots).toEqual([{ lot: used.id, amount: 10 }]);
  const expires = new Date(NOW.getTime() + 60_000).toISOString();
  expect(at(30).entry.lots).toMatchObject([{ amount: 10, category: 'promo', priority: 7, expires }]);
});

test('a clawback takes what is left of its purchase before anything else', () => {
  const origin = spent({ kind: 'purchase', amount: 8 });
  const [promo, own, other] = [lot({ category: 'promo' }), lot({ txId: origin.txId, remaining: 5 }), lot({})];
  const standing = { head: { ...NEW.head, balance: 25 }, lots: [promo, own, other].toSorted(burnOrder), origin };
  const taken = apply(standing, operation({ type: 'clawback', amount: 8, refundOf: origin.txId }), MOMENT) as Posting;
  expect(taken.entry).toMatchObject({
    kind: 'clawback',
    originTxId: origin.txId,
    contraId: SYSTEM_ACCOUNTS.purchases.id,
  });
  expect(taken.entry.lots).toEqual([
    { lot: own.id, amount: -5 },
    { lot: promo.id, amount: -3 },
  ]);
  expect(taken.origin).toMatchObject({ kind: 'purchase', refunded: 8 });
});

test('expired credits that are kept for a hold are captured first and spent last', () => {
  const [gone, live] = [lot({ expiresAt: NOW, priority: 90 }), lot({})];
  const hold = held({});
  const standing = { head: { ...NEW.head, balance: 20, held: 10 }, lots: [live, gone], hold };
  const captured = apply(standing, operation({ type: 'capture', amount: 4, holdId: hold.id }), MOMENT) as Posting;
  expect(captured.entry.lots).toEqual([{ lot: gone.id, amount: -4 }]);
  expect(captured.hold).toMatchObject({ captured: 4, released: 0 });
  expect(captured.origin).toMatchObject({ kind: 'capture', amount: 4, refunded: 0 });
  const standingFirst = { ...standing, lots: [lot({ expiresAt: NOW, priority: 1 }), live] };
  const taken = apply(standingFirst, operation({ type: 'spend', amount: 4 }), MOMENT) as Posting;
  expect(taken.entry.lots).toEqual([{ lot: live.id, amount: -4 }]);
});

test('what belongs to another account can be neither captured, released, refunded nor clawed back', () => {
  const accountId = scope.newId();
  const head = { ...NEW.head, balance: 10, held: 10 };
  const hold = held({ accountId });
  for (const type of ['capture', 'release'] as const) {
    expect(apply({ head, lots: [lot({})], hold }, operation({ type, holdId: hold.id }), MOMENT)).toBeInstanceOf(
      HoldMissing,
    );
  }
  for (const kind of ['spend', 'purchase'] as const) {
    const origin = spent({ accountId, kind });
    const type = kind === 'spend' ? 'refund' : 'clawback';
    const asked = operation({ type, amount: 1, refundOf: origin.txId });
    expect(apply({ head, lots: [lot({})], origin }, asked, MOMENT)).toBeInstanceOf(NotRefundable);
  }
});

test('a capture takes up to what is left and no more, a hold up to what a number holds', () => {
  const hold = held({ captured: 3, released: 2 });
  const standing = { head: { ...NEW.head, balance: 10, held: 5 }, lots: [lot({})], hold };
  const captureOf = (amount: number) =>
    apply(standing, operation({ type: 'capture', amount, holdId: hold.id }), MOMENT);
  expect(captureOf(6)).toBeInstanceOf(HoldExceeds);
  expect(captureOf(5)).toMatchObject({ head: { held: 0 }, hold: { captured: 8, released: 2 } });
  const rich = { head: { ...NEW.head, floor: -AMOUNT_MAX, held: 1 }, lots: [] };
  expect(apply(rich, operation({ type: 'hold', amount: AMOUNT_MAX - 1 }), MOMENT)).toMatchObject({
    head: { held: AMOUNT_MAX },
  });
});

test('credits that would expire at once are refused, in the very millisecond', () => {
  const asked = (ms: number): SingleOperation =>
    operation({ type: 'grant', amount: 1, expiresAt: new Date(NOW.getTime() + ms) });
  expect(apply({ head: NEW.head, lots: [] }, asked(0), MOMENT)).toBeInstanceOf(LotExpired);
  expect(apply({ head: NEW.head, lots: [] }, asked(1), MOMENT)).toMatchObject({ head: { balance: 1 } });
});

test('a refund does not exceed the ceiling', () => {
  const origin = spent({});
  const standing = { head: { ...NEW.head, balance: 95, ceiling: 100 }, lots: [lot({ remaining: 95 })], origin };
  expect(apply(standing, operation({ type: 'refund', amount: 6, refundOf: origin.txId }), MOMENT)).toBeInstanceOf(
    BalanceOutOfRange,
  );
});

test('what fell due while nobody looked is posted in the order of time', () => {
  const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);
  const [late, early] = [
    lot({ expiresAt: at(4), priority: 1, remaining: 5 }),
    lot({ expiresAt: at(2), priority: 9, remaining: 5 }),
  ];
  const [second, first] = [held({ amount: 1, expiresAt: at(3) }), held({ amount: 1, expiresAt: at(1) })];
  const dues = { head: { ...NEW.head, balance: 10, held: 2 }, lots: [late, early], holds: [second, first] };
  const entries = settle(dues, { ...MOMENT, now: at(10) }).map(({ entry }) => entry);
  expect(entries.map(({ kind, amount, createdAt }) => [kind, amount, createdAt])).toEqual([
    ['hold_expiry', 0, at(1)],
    ['expiry', -4, at(2)],
    ['hold_expiry', 0, at(3)],
    ['expiry', -1, at(3)],
    ['expiry', -5, at(4)],
  ]);
  expect(entries.map(({ originTxId }) => originTxId)).toEqual([first.id, early.txId, second.id, early.txId, late.txId]);
});
