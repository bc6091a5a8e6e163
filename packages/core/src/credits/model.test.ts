import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { NaiveLedger, step, type NaiveOutcome, type Step } from '../../test/ledger-naive.ts';
import { DomainError } from '../kernel/errors.ts';
import { transact } from '../kernel/transaction.ts';
import {
  freezeAccount,
  listTransactions,
  openAccount,
  post,
  readBalance,
  setLimits,
  settleDue,
  thawAccount,
  verifyLedger,
  type PostInput,
  type TransactionView,
} from './index.ts';

/** LEDGER_LONG=1 runs it at length; LEDGER_SEED repeats a run. */
const isLong = process.env.LEDGER_LONG === '1';
const seed = Number(process.env.LEDGER_SEED ?? Date.now() % 2 ** 31);
const size = isLong ? { numRuns: 1_000, maxLength: 80 } : { numRuns: 50, maxLength: 40 };

/** Seconds between two requests: clocks sometimes step back. */
const seconds = fc.integer({ min: -2, max: 5 });
const account = fc.constantFrom(0 as const, 1 as const);

const command = fc.oneof(
  { weight: 20, arbitrary: fc.record({ does: fc.constant('post' as const), seconds, account, step }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('replay' as const), seconds, request: fc.nat({ max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('freeze' as const), seconds, account, on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('sweep' as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restart' as const), seconds: fc.constant(1) }) },
);
const limits = fc.record({ floor: fc.constantFrom(0, 0, -5), ceiling: fc.constantFrom(null, null, 25) });

describeOnEachDatabase('the whole ledger', ({ name, url }) => {
  let address: string;
  let ledger: TestLedger;
  beforeAll(async () => {
    address = await url();
    ledger = await openTestLedger(address);
  });
  afterAll(() => ledger.close());

  const restart = async (): Promise<void> => {
    const time = ledger.now();
    await ledger.close();
    ledger = await openTestLedger(address);
    ledger.now.set(time);
  };

  test(
    'answers any run of requests, repetitions and restarts as a naive ledger does',
    { timeout: 3_600_000 },
    async () => {
      process.stdout.write(`ledger model on ${name}: LEDGER_SEED=${seed}\n`);
      await fc.assert(
        fc.asyncProperty(
          limits,
          fc.array(command, { maxLength: size.maxLength, size: 'max' }),
          async (limit, commands) => {
            const accounts = [await newAccount(ledger, limit), await newAccount(ledger, limit)] as const;
            const sent: Sent[] = [];
            for (const next of commands) {
              ledger.now.advanceSeconds(next.seconds);
              if (next.does === 'restart') await restart();
              else if (next.does === 'sweep') await sweep(ledger, accounts);
              else if (next.does === 'freeze') await freeze(ledger, accounts[next.account], next.on);
              else if (next.does === 'replay') await replay(ledger, accounts, sent[next.request]);
              else {
                const [from, to] = next.account === 0 ? accounts : [accounts[1], accounts[0]];
                sent.push(await send(ledger, from, to, next.step));
              }
              for (const each of accounts) expect(await seen(ledger, each)).toEqual(told(ledger, each));
            }
            for (const each of accounts) expect(await posted(ledger, each)).toEqual(accepted(each, sent));
          },
        ),
        { numRuns: size.numRuns, seed },
      );
    },
  );

  test('debits equal credits in every unit: the system accounts owe what the users have', async () => {
    await post(ledger, { type: 'purchase', userId: await ledger.addUser(), unit: 'gold', amount: 5 });
    const sums = await ledger.database.read<{ unit: string; owned: unknown; owed: unknown }>(
      `select a.unit, cast(sum(a.balance) as text) as owned, cast(sum(coalesce(x.owed, 0)) as text) as owed
       from credit_account a left join (
         select e.account_id, sum(e.amount) as owed from credit_entry e join credit_account c on c.id = e.contra_id
         where c.kind = 'system' group by e.account_id) x on x.account_id = a.id
       where a.kind = 'user' group by a.unit order by a.unit`,
    );
    expect(sums.map(({ unit }) => unit)).toEqual(['credit', 'gold']);
    for (const { owned, owed } of sums) expect(owned).toBe(owed);
  });

  test('verifies', async () => {
    await settleDue(ledger, { limit: 1_000 });
    expect(await verifyLedger(ledger)).toMatchObject({ ok: true, problems: [] });
  });
});

interface Account {
  userId: string;
  naive: NaiveLedger;
}

interface Sent {
  userId: string;
  input: PostInput;
  answer: TransactionView | DomainError;
}

async function newAccount(ledger: TestLedger, limit: { floor: number; ceiling: number | null }): Promise<Account> {
  const userId = await ledger.addUser();
  await transact(ledger, (tx) => openAccount(ledger, tx, userId));
  await setLimits(ledger, { userId, ...limit });
  const naive = new NaiveLedger();
  Object.assign(naive, { floor: limit.floor, ceiling: limit.ceiling ?? Infinity });
  return { userId, naive };
}

async function freeze(ledger: TestLedger, { userId, naive }: Account, on: boolean): Promise<void> {
  await transact(ledger, (tx) => (on ? freezeAccount : thawAccount)(ledger, tx, userId));
  naive.frozen = on;
}

/** What locks an account posts what is due on it. */
function look(ledger: TestLedger, accounts: readonly Account[]): void {
  for (const { naive } of accounts) naive.passTo(ledger.now().getTime());
}

async function sweep(ledger: TestLedger, accounts: readonly Account[]): Promise<void> {
  await settleDue(ledger, { limit: 1_000 });
  look(ledger, accounts);
}

async function send(ledger: TestLedger, from: Account, to: Account, next: Step): Promise<Sent> {
  look(ledger, next.type === 'transfer' ? [from, to] : [from]);
  const input = inputOf(ledger, from, to, next);
  const answer = await answerTo(ledger, input);
  expect(outcomeOf(answer)).toEqual(from.naive.post(next, answer instanceof DomainError ? '' : answer.id, to.naive));
  return { userId: from.userId, input, answer };
}

function inputOf(ledger: TestLedger, from: Account, to: Account, next: Step): PostInput {
  const named = from.naive.named(next) ?? ledger.newId();
  const { type, amount, priority, lastsSeconds, flag, all } = next;
  const timeMs = Math.max(ledger.now().getTime(), from.naive.lastMs);
  const expiresAt = lastsSeconds === 0 ? undefined : new Date(timeMs + lastsSeconds * 1000);
  const inputs: Record<Step['type'], Partial<PostInput>> = {
    purchase: { amount, priority, expiresAt },
    grant: { amount, priority, expiresAt },
    spend: { amount },
    adjustment: { amount: flag ? -amount : amount, ...(flag ? {} : { priority, expiresAt }) },
    refund: { amount, refundOf: named },
    clawback: { amount, refundOf: named, allowNegative: flag },
    transfer: { amount, toUserId: to.userId },
    hold: { amount, expiresInSeconds: lastsSeconds || 20 },
    capture: { amount: all ? undefined : amount, holdId: named, final: flag },
    release: { holdId: named },
  };
  return { type, userId: from.userId, description: 'model', idempotencyKey: ledger.newId(), ...inputs[type] };
}

/** A request has the same answer for ever, a refusal too. */
async function replay(ledger: TestLedger, accounts: readonly Account[], earlier: Sent | undefined): Promise<void> {
  if (earlier === undefined) return;
  const { type, userId } = earlier.input;
  look(ledger, type === 'transfer' ? accounts : accounts.filter((each) => each.userId === userId));
  const answer = await answerTo(ledger, earlier.input);
  expect(answer instanceof DomainError ? answer.code : answer).toEqual(
    earlier.answer instanceof DomainError ? earlier.answer.code : earlier.answer,
  );
}

interface Standing {
  balance: number;
  held: number;
  available: number;
  expiresNext: { amount: number; atMs: number } | null;
}

async function seen(ledger: TestLedger, { userId }: Account): Promise<Standing> {
  const { balance, held, available, expiresNext } = await readBalance(ledger, { userId });
  return {
    balance,
    held,
    available,
    expiresNext: expiresNext && { amount: expiresNext.amount, atMs: expiresNext.at.getTime() },
  };
}

function told(ledger: TestLedger, { naive }: Account): Standing {
  const { balance, held, available, expiresNext } = naive.at(ledger.now().getTime());
  return { balance, held, available, expiresNext };
}

/** What the history says that this account was asked for, oldest first. */
async function posted(ledger: TestLedger, { userId }: Account): Promise<TransactionView[]> {
  const all: TransactionView[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const stretch = await listTransactions(ledger, { userId, limit: 100, cursor });
    all.unshift(...stretch.data.toReversed());
    cursor = stretch.nextCursor;
  }
  return all.filter(({ actor, type }) => actor !== 'system' && type !== 'transfer_in');
}

function accepted({ userId }: Account, sent: readonly Sent[]): TransactionView[] {
  return sent.flatMap(({ answer }) => (answer instanceof DomainError || answer.userId !== userId ? [] : [answer]));
}

async function answerTo(ledger: TestLedger, input: PostInput): Promise<TransactionView | DomainError> {
  try {
    return await post(ledger, input);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

function outcomeOf(answer: TransactionView | DomainError): NaiveOutcome {
  return answer instanceof DomainError
    ? { code: answer.code }
    : { amount: answer.amount, balanceAfter: answer.balanceAfter, heldAfter: answer.heldAfter };
}
