import { readFileSync, writeFileSync } from 'node:fs';

import type { Result } from './bench.ts';
import { markdown } from './report.ts';

const DOCUMENT = new URL('../../../docs/performance.md', import.meta.url);
const RESULT = new URL('../result.json', import.meta.url);
const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->'];

/** Puts the result into docs/performance.md, and its numbers beside this program. */
export function writeDocument(result: Result): void {
  writeFileSync(RESULT, `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), markdown(result)));
}

/** The text with another table between its two marks. */
export function withTable(text: string, table: string): string {
  const [before, rest] = split(text, BEGIN);
  const [, after] = split(rest, END);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at === -1) throw new Error(`docs/performance.md has lost its mark ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
