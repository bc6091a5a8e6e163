import { readFileSync, writeFileSync } from 'node:fs';

const DOCUMENT = new URL('../../../docs/ledger-performance.md', import.meta.url);
const [BEGIN, END] = ['<!-- bench-ledger:begin -->', '<!-- bench-ledger:end -->'];

/** Puts the tables between the two marks of docs/ledger-performance.md. */
export function writeDocument(tables: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error('docs/ledger-performance.md has lost its marks');
  writeFileSync(DOCUMENT, `${text.slice(0, begin)}${BEGIN}\n${tables}\n${text.slice(end)}`);
}
