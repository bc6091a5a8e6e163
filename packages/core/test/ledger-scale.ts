/**
 * `node --conditions=@org/source packages/core/test/ledger-scale.ts [entries]`: what an account with many entries (a
 * million unless told) costs beside one with ten, on a PostgreSQL of its own, with the plans. Not part of the tests: ten
 * million entries take some fifteen minutes to post.
 */
import { startTestPostgres } from '@org/test-postgres';

import {
  listTransactions,
  post,
  readBalance,
  readBalanceAt,
  spend,
  verifyLedger,
  type EntryKind,
  type PostInput,
} from '../src/credits/index.ts';
import { openTestLedger, type TestLedger } from './ledger-fixture.ts';

const MANY = Number(process.argv[2] ?? 1_000_000);
const RUNS = 200;

const server = await startTestPostgres({ fsync: 'off' });
const ledger = await openTestLedger(await server.createDatabase('scale'));
try {
  const [small, large] = [await filled(ledger, 10), await filled(ledger, MANY)];
  await ledger.database.read('analyze');
  const rows: string[][] = [];
  for (const [what, ask] of Object.entries(questions(ledger))) {
    rows.push([what, await median(() => ask(small)), await median(() => ask(large))]);
  }
  write(`| | 10 entries | ${MANY.toLocaleString('en')} |\n| --- | --- | --- |`);
  for (const row of rows) write(`| ${row.join(' | ')} |`);
  for (const [what, sql, ...params] of plans(large)) {
    const lines = await ledger.database.read<{ 'QUERY PLAN': string }>(
      `explain (analyze, costs off, timing off) ${sql}`,
      params,
    );
    write(`\n${what}\n${lines.map((line) => `  ${line['QUERY PLAN']}`).join('\n')}`);
  }
  const started = performance.now();
  const { ok, checkedEntries } = await verifyLedger(ledger, { whole: true });
  const seconds = (performance.now() - started) / 1000;
  write(
    `\nverified ${checkedEntries} entries in ${seconds.toFixed(1)} s (${Math.round(checkedEntries / seconds)}/s): ${ok}`,
  );
} finally {
  await ledger.close();
  await server.close();
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Filled {
  userId: string;
  accountId: string;
  middle: number;
  time: Date;
}

/** One purchase, spends, and now and then a refund of one. */
async function filled(scope: TestLedger, entries: number): Promise<Filled> {
  const userId = await scope.addUser();
  await post(scope, { type: 'purchase', userId, amount: entries + RUNS });
  let last = await spend(scope, { userId, amount: 1 });
  for (let count = 2; count < entries;) {
    const inputs: PostInput[] = Array.from({ length: Math.min(500, entries - count) }, (_, at) =>
      (count + at) % 10_000 === 5_000
        ? { type: 'refund', userId, amount: 1, refundOf: last.id }
        : { type: 'spend', userId, amount: 1 },
    );
    const posted = await Promise.all(inputs.map((input) => post(scope, input)));
    last = posted.findLast(({ type }) => type === 'spend') ?? last;
    count += inputs.length;
    scope.now.advanceSeconds(1);
  }
  const [row] = await scope.database.read<{ id: string }>('select id from credit_account where owner_id = ?', [userId]);
  const middle = Math.ceil(entries / 2);
  const [entry] = await scope.database.read<{ created_at: unknown }>(
    'select created_at from credit_entry where account_id = ? and seq = ?',
    [row?.id ?? '', middle],
  );
  return { userId, accountId: row?.id ?? '', middle, time: scope.database.dialect.fromTime(entry?.created_at) };
}

function questions(scope: TestLedger): Record<string, (of: Filled) => Promise<unknown>> {
  const cursorAt = (seq: number): string => Buffer.from(`seq:${seq}`).toString('base64url');
  const page = (filter: (of: Filled) => object) => (of: Filled) =>
    listTransactions(scope, { userId: of.userId, ...filter(of) });
  return {
    balance: ({ userId }) => readBalance(scope, { userId }),
    'first page': page(() => ({})),
    'page in the middle': page(({ middle }) => ({ cursor: cursorAt(middle) })),
    'first page of refunds': page(() => ({ type: 'refund' satisfies EntryKind })),
    'page before a time': page(({ time }) => ({ to: time })),
    'balance at a time': ({ userId, time }) => readBalanceAt(scope, { userId, at: time }),
    spend: ({ userId }) => spend(scope, { userId, amount: 1 }),
  };
}

function plans({
  accountId,
  middle,
  time,
}: Filled): [what: string, sql: string, ...params: (string | number | Date)[]][] {
  return [
    [
      'a page in the middle',
      'select * from credit_entry where account_id = ? and seq < ? order by seq desc limit 21',
      accountId,
      middle,
    ],
    [
      'the first page of refunds',
      `select * from credit_entry where account_id = ? and kind = 'refund' order by seq desc limit 21`,
      accountId,
    ],
    [
      'the entry before a time',
      `with recursive search (low, high) as (
         select cast(0 as bigint), seq from credit_account where id = ?
         union all
         select case when e.created_at < ? then e.seq else s.low end, case when e.created_at < ? then s.high else e.seq - 1 end
         from search s join credit_entry e on e.account_id = ? and e.seq = (s.low + s.high + 1) / 2 where s.low < s.high)
       select low from search where low = high`,
      accountId,
      time,
      time,
      accountId,
    ],
  ];
}

async function median(ask: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  return `${(times.toSorted((a, b) => a - b)[RUNS / 2] ?? Number.NaN).toFixed(2)} ms`;
}
