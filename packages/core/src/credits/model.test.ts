import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { describeOnEachDatabase } from '../../test/databases.ts';
import { openTestLedger, type TestLedger } from '../../test/ledger-fixture.ts';
import { NaiveLedger, step, type NaiveOutcome, type Step } from '../../test/ledger-naive.ts';
import { DomainError } from '../kernel/errors.ts';
import { listTransactions, post, readBalance, type PostInput, type TransactionView } from './index.ts';

/** Seconds between two requests: clocks sometimes step back. */
const seconds = fc.integer({ min: -3, max: 10 });

/** A step on one of two accounts, or an earlier request sent again. */
const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('post' as const),
      seconds,
      account: fc.constantFrom(0 as const, 1 as const),
      step,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('replay' as const), seconds, request: fc.nat({ max: 20 }) }) },
);

describeOnEachDatabase('the whole ledger', ({ url }) => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await openTestLedger(await url());
  });
  afterAll(() => ledger.close());

  test('answers any run of requests and repetitions as a naive ledger does', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const accounts = [await newAccount(ledger), await newAccount(ledger)] as const;
        const sent: Sent[] = [];
        for (const next of commands) {
          ledger.now.advanceSeconds(next.seconds);
          if (next.does === 'replay') await replay(ledger, sent[next.request]);
          else sent.push(await send(ledger, accounts[next.account], next.step));
        }
        for (const account of accounts) expect(await seen(ledger, account)).toEqual(told(account, sent));
      }),
      { numRuns: 40 },
    );
  });

  test('debits equal credits: the system accounts owe what the users have', async () => {
    const [sums] = await ledger.database.read<{ owned: unknown; owed: unknown }>(
      `select (select cast(sum(balance) as text) from credit_account where kind = 'user') as owned,
         (select cast(sum(e.amount) as text) from credit_entry e join credit_account c on c.id = e.contra_id where c.kind = 'system') as owed`,
    );
    expect(sums?.owned).toBe(sums?.owed);
    expect(sums?.owned).not.toBeNull();
  });
});

interface Account {
  userId: string;
  naive: NaiveLedger;
}

interface Sent {
  input: PostInput;
  answer: TransactionView | DomainError;
}

async function newAccount(ledger: TestLedger): Promise<Account> {
  return { userId: await ledger.addUser(), naive: new NaiveLedger() };
}

async function send(ledger: TestLedger, { userId, naive }: Account, next: Step): Promise<Sent> {
  const refundOf = next.type === 'refund' ? (naive.spendOf(next) ?? ledger.newId()) : undefined;
  const input = {
    type: next.type,
    userId,
    amount: next.amount,
    refundOf,
    description: 'model',
    idempotencyKey: ledger.newId(),
  };
  const answer = await answerTo(ledger, input);
  expect(outcomeOf(answer)).toEqual(naive.post(next, answer instanceof DomainError ? '' : answer.id));
  return { input, answer };
}

/** A request that was accepted has the same answer for ever. */
async function replay(ledger: TestLedger, earlier: Sent | undefined): Promise<void> {
  if (earlier === undefined || earlier.answer instanceof DomainError) return;
  expect(await answerTo(ledger, earlier.input)).toEqual(earlier.answer);
}

async function seen(
  ledger: TestLedger,
  { userId }: Account,
): Promise<{ balance: bigint; transactions: TransactionView[] }> {
  const { balance } = await readBalance(ledger, { userId });
  const { data } = await listTransactions(ledger, { userId, limit: 100 });
  return { balance: BigInt(balance), transactions: data };
}

function told({ userId, naive }: Account, sent: readonly Sent[]): { balance: bigint; transactions: TransactionView[] } {
  const posted = sent.flatMap(({ answer }) =>
    answer instanceof DomainError || answer.userId !== userId ? [] : [answer],
  );
  return { balance: naive.balance, transactions: posted.toReversed() };
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
    : { amount: answer.amount, balanceAfter: answer.balanceAfter };
}
