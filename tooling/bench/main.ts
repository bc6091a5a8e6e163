/**
 * `npm run bench`: how near the server comes to the limits of this machine. Both sides are measured in turns in one run,
 * so only the ratios mean anything elsewhere. Takes two to three minutes, with `--quick` half a minute; `--processes 1,2` says
 * with which WEB_CONCURRENCY; `--write` puts the result into docs/performance.md.
 */
import { bench, type Result } from './src/bench.ts';
import { createCleanup } from './src/cleanup.ts';
import { writeDocument } from './src/document.ts';
import { parseOptions, type Options } from './src/options.ts';
import { bestRound, terminalTable } from './src/report.ts';

const EXIT_CODE_INTERRUPTED = 130;
const cleanup = createCleanup();
const startedMs = performance.now();

const interrupted = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(EXIT_CODE_INTERRUPTED));
});

function progress(text: string): void {
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)} s  ${text}`);
}

async function measure({ plan, processCounts, write }: Options): Promise<number> {
  const result = await bench({ cleanup, plan, progress }, processCounts);
  show(result);
  if (write) writeDocument(result);
  return 0;
}

function show(result: Result): void {
  console.log(`\n${result.machine.cores} cores (${result.machine.model}), Node ${result.machine.node}`);
  for (const round of result.rounds) console.log(`\nWEB_CONCURRENCY=${round.processes}\n${terminalTable(round)}`);
  if (result.rounds.length > 1) console.log(`\nMore is answered with WEB_CONCURRENCY=${bestRound(result).processes}.`);
}

function explain(error: unknown): number {
  console.error(`The benchmark ended early. ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}

const work = async (): Promise<number> => measure(parseOptions(process.argv.slice(2)));
const exitCode = await Promise.race([work(), interrupted]).catch(explain);
await cleanup.all();
process.exit(exitCode);
