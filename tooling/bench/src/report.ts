import type { Result, Round } from './bench.ts';
import type { LiveRow, Row } from './measure.ts';

const HEADINGS = ['', 'ours', 'limit', 'ratio', 'target', 'p50', 'p99', 'met'];

/** Whether our share of the limit is large enough, and nothing was answered otherwise than with success. */
export function isMet({ ratio, target, others }: Row): boolean {
  return ratio >= target && others === 0;
}

export function isLiveMet({ p99Ms, p99MsMax, failed }: LiveRow): boolean {
  return p99Ms < p99MsMax && failed === 0;
}

/** The number of processes with which more is answered: reads and spends weigh the same, whatever their rates. */
export function bestRound({ rounds }: Result): Round {
  const score = ({ rows }: Round): number => rows.reduce((product, { ours }) => product * ours, 1);
  const best = rounds.toSorted((a, b) => score(b) - score(a))[0];
  if (best === undefined) throw new Error('nothing was measured');
  return best;
}

/** One round for a terminal: aligned columns, each 80 wide at most. */
export function terminalTable(round: Round): string {
  const rows = [HEADINGS, ...cells(round)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}

/** The same in Markdown, with what the limit is. */
export function markdown(result: Result): string {
  const { machine, rounds } = result;
  const intro = `${machine.cores} cores (${machine.model}), Node ${machine.node}, PostgreSQL with \`fsync=on\`, the load generator on the same machine.`;
  const best = `More is answered with \`WEB_CONCURRENCY=${bestRound(result).processes}\` here.`;
  return [intro, ...rounds.map(markdownTable), ...(rounds.length > 1 ? [best] : [])].join('\n\n');
}

function markdownTable(round: Round): string {
  const limits = [...round.rows.map(({ limit }) => limit), ''];
  const head = ['', ...HEADINGS.slice(1), 'the limit is'];
  const body = cells(round).map((row, index) => [...row, limits[index] ?? '']);
  const align = head.map((_, column) => (column === 0 || column === head.length - 1 ? '---' : '---:'));
  const lines = [head, align, ...body].map((row) => `| ${row.join(' | ')} |`);
  return [`With \`WEB_CONCURRENCY=${round.processes}\`:`, '', ...lines].join('\n');
}

function cells({ rows, live }: Round): string[][] {
  return [
    ...rows.map((row) => [
      row.name,
      `${rate(row.ours)}/s`,
      `${rate(row.limits)}/s`,
      row.ratio.toFixed(2),
      `≥ ${row.target.toFixed(2)}`,
      ms(row.p50Ms),
      ms(row.p99Ms),
      mark(isMet(row), row.others),
    ]),
    [
      live.name,
      '50/s',
      '',
      '',
      `< ${live.p99MsMax} ms`,
      ms(live.p50Ms),
      ms(live.p99Ms),
      mark(isLiveMet(live), live.failed),
    ],
  ];
}

function mark(met: boolean, failures: number): string {
  return `${met ? '✓' : '✗'}${failures > 0 ? ` (${failures} failed)` : ''}`;
}

function rate(perSecond: number): string {
  return perSecond < 1_000 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en');
}

function ms(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
