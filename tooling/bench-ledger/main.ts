/**
 * `node tooling/bench-ledger/main.ts`: how fast the ledger posts, beside what the same database does without a ledger.
 * Both are measured in one run, so only the ratios mean anything elsewhere. Takes two minutes, with `--quick` one;
 * `--only postgresql|sqlite`; `--memory` posts a million more and compares the heap (start node with `--expose-gc`);
 * `--write` puts the result into docs/ledger-performance.md.
 */
import { writeDocument } from './src/document.ts';
import { parseOptions } from './src/options.ts';
import { measurePostgres } from './src/postgres.ts';
import { markdown } from './src/report.ts';
import { measureSqlite } from './src/sqlite.ts';

const { seconds, memoryPostings, databases, write } = parseOptions(process.argv.slice(2));
const result = {
  postgres: databases.includes('postgresql') ? await measurePostgres(seconds, memoryPostings) : undefined,
  sqlite: databases.includes('sqlite') ? await measureSqlite(seconds) : undefined,
};
const tables = markdown(result);
console.log(tables);
if (write) writeDocument(tables);
