/**
 * Measures @org/jwt-client beside its peers: `node tooling/bench-verifier/main.ts [--write] [--quick]`.
 * `--write` puts the tables into packages/jwt-client/docs/performance.md. Exits 1 when a promise is missed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../packages/jwt-client/docs/performance.md');
const place = /(<!-- measured -->\n).*?(\n<!-- \/measured -->)/s;

// The workspace is read from source: nothing has to be built first.
if (!process.execArgv.some((flag) => flag.includes('@org/source'))) await restart();
else await main(process.argv.slice(2));

async function restart(): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const args = ['--conditions=@org/source', '--expose-gc', import.meta.filename, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

async function main(args: readonly string[]): Promise<void> {
  const { bench, full, quick } = await import('./src/bench.ts');
  const { missed, report } = await import('./src/report.ts');
  const results = await bench(args.includes('--quick') ? quick : full);
  const tables = report(results);
  console.log(tables);
  if (args.includes('--write')) await write(tables);
  const faults = missed(results);
  for (const fault of faults) console.error(`Missed: ${fault}`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

async function write(tables: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  if (!place.test(text)) throw new Error(`${page} has no place for the tables: <!-- measured --> … <!-- /measured -->`);
  await writeFile(
    page,
    text.replace(place, (_, start: string, end: string) => `${start}${tables}${end}`),
  );
}
