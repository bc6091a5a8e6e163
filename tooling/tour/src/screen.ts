import { styleText } from 'node:util';

const WIDTH = 80;

/** Boxes and what goes between them, in turns: `['you', 'GET /api/health', 'users service']`. */
export type Picture = readonly string[];

type Format = Parameters<typeof styleText>[0];

/** Writes to stdout; in colour on a terminal only, and never when NO_COLOR is set. */
export const screen = {
  title: (text: string): void => print(`\n${paint('bold', text)}`),
  picture: (picture: Picture): void => diagram(picture).forEach((line) => print(paint('cyan', `  ${line}`))),
  sends: (text: string): void => print(`  ${paint('bold', '→')} ${fit(text, WIDTH - 4)}`),
  answers: (text: string): void => print(`  ${paint('bold', '←')} ${fit(text, WIDTH - 6)} ${tick()}`),
  says: (text: string): void => print(`    ${paint('dim', fit(text, WIDTH - 4))}`),
  proves: (text: string): void => print(`  ${tick()} ${fit(text, WIDTH - 4)}`),
  table: (rows: readonly (readonly string[])[]): void =>
    table(rows).forEach((line) => print(`    ${fit(line, WIDTH - 4)}`)),
};

export type Screen = typeof screen;

function print(line: string): void {
  console.log(line);
}

function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

function tick(): string {
  return paint('green', '✓');
}

/** Cuts what does not fit, and shows that it was cut. */
function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** Three lines: boxes with labelled arrows between them. */
function diagram(picture: Picture): string[] {
  const parts = picture.map((text, index) => (index % 2 === 0 ? box(text) : arrow(text)));
  return [0, 1, 2].map((line) => parts.map((part) => part[line]).join(''));
}

function box(text: string): string[] {
  const edge = '─'.repeat(text.length + 2);
  return [`┌${edge}┐`, `│ ${text} │`, `└${edge}┘`];
}

function arrow(text: string): string[] {
  const label = ` ${text} `;
  return [label, `${'─'.repeat(label.length - 1)}▶`, ' '.repeat(label.length)];
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string =>
    /^[-+]?\d+$/.test(text) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
