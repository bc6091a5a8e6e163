/**
 * `node tooling/ledger/verify.ts`: checks that nobody has changed the credit ledger of DATABASE_URL, also while servers
 * post to it. Looks at what is new since the last run; `--whole` at everything. `--repair-projections` writes holds, lots
 * and refundables that are wrong anew from the entries, never the entries themselves. Exit code 0: all is well,
 * 1: problems are left, 2: it could not be checked. `GET /api/health` shows how the last run ended.
 */
import { existsSync } from 'node:fs';
import { openCore, type Core, type VerificationView } from '@org/core';

import { parseOptions, type Options } from './src/options.ts';

const PROGRESS_MS = 2_000;
const EXIT_CODE_PROBLEMS = 1;
const EXIT_CODE_UNCHECKED = 2;

async function verifyLedger(options: Options): Promise<number> {
  const { databaseUrl, secretKey } = options;
  await using core = await openCore({ databaseUrl, secretKey });
  const found = await verify(core, options);
  if (found.repairedAccounts === 0) return exitCodeOf(found);
  console.log(`The projections of ${counted(found.repairedAccounts, 'account')} were written anew. Looking again.`);
  // Whether all is well now is not what the repair believes but what another look finds.
  return exitCodeOf(await verify(core, { whole: true, repair: false }));
}

async function verify(core: Core, { whole, repair }: Pick<Options, 'whole' | 'repair'>): Promise<VerificationView> {
  const result = await core.credits.verify({ whole: whole || repair, repair, onProgress: sayEvery(PROGRESS_MS) });
  report(result);
  return result;
}

/** Says how far it is, to people and not into what a script reads. A short run says nothing. */
function sayEvery(intervalMs: number): (progress: { accounts: number; entries: number; problems: number }) => void {
  let saidMs = performance.now();
  return ({ accounts, entries, problems }) => {
    if (performance.now() - saidMs < intervalMs) return;
    saidMs = performance.now();
    console.error(`… ${counted(accounts, 'account')}, ${entries} entries, ${counted(problems, 'problem')} so far`);
  };
}

function report({ ok, checkedAccounts, checkedEntries, problemCount, problems }: VerificationView): void {
  const looked = `${counted(checkedAccounts, 'account')}, ${checkedEntries} entries`;
  console.log(ok ? `The ledger is as it was posted (${looked}).` : `${counted(problemCount, 'problem')} (${looked}):`);
  for (const { kind, accountId, seq, subject } of problems) {
    console.log(`  ${kind} account=${accountId}${seq === null ? '' : ` seq=${seq}`}${subject ? ` of=${subject}` : ''}`);
  }
  if (problemCount > problems.length) console.log(`  and ${problemCount - problems.length} more`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function exitCodeOf({ ok }: VerificationView): number {
  return ok ? 0 : EXIT_CODE_PROBLEMS;
}

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  process.exitCode = await verifyLedger(parseOptions(process.argv.slice(2), process.env));
} catch (error) {
  console.error(`The ledger could not be checked. ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = EXIT_CODE_UNCHECKED;
}
