import { expect, test } from 'vitest';

import type { Result, Round } from '../src/bench.ts';
import { withTable } from '../src/document.ts';
import type { LiveRow, Row } from '../src/measure.ts';
import { median, percentile } from '../src/numbers.ts';
import { parseOptions } from '../src/options.ts';
import { bestRound, isLiveMet, isMet, markdown, terminalTable } from '../src/report.ts';

const row: Row = {
  name: 'GET /api/users/me',
  limit: 'bare select',
  ours: 1_250,
  limits: 2_500,
  ratio: 0.5,
  target: 1 / 3,
  p50Ms: 4.25,
  p99Ms: 21,
  others: 0,
};
const live: LiveRow = { name: 'live', p50Ms: 1, p99Ms: 49.9, p99MsMax: 50, failed: 0 };
const round = (processes: number, ours: number): Round => ({ processes, rows: [{ ...row, ours }], live });
const result: Result = {
  machine: { cores: 2, model: 'Some CPU', node: 'v24.0.0' },
  rounds: [round(1, 1_250), round(2, 1_400)],
};

test('a target is met at its ratio, not below, and never with answers that failed', () => {
  expect(isMet({ ...row, ratio: 1 / 3 })).toBe(true);
  expect(isMet({ ...row, ratio: 0.33 })).toBe(false);
  expect(isMet({ ...row, others: 1 })).toBe(false);
});

test('liveness is met below its bound, and never with answers that failed', () => {
  expect(isLiveMet(live)).toBe(true);
  expect(isLiveMet({ ...live, p99Ms: 50 })).toBe(false);
  expect(isLiveMet({ ...live, failed: 1 })).toBe(false);
});

test('the best number of processes is the one that answers more', () => {
  expect(bestRound(result).processes).toBe(2);
  expect(bestRound({ ...result, rounds: [round(1, 1_500), round(2, 1_400)] }).processes).toBe(1);
});

test('the table in a terminal shows both rates, the ratio and the verdict, in 80 columns', () => {
  const table = terminalTable(round(1, 1_250));
  expect(table).toMatch(/GET \/api\/users\/me +1,250\/s +2,500\/s +0\.50 +≥ 0\.33 +4\.3 ms +21 ms +✓/);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('failed answers are shown beside the verdict', () => {
  expect(terminalTable({ ...round(1, 1), rows: [{ ...row, others: 7 }] })).toContain('✗ (7 failed)');
});

test('the document keeps its text and gets the table between its marks', () => {
  const text = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
  expect(withTable(text, 'new')).toBe('before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n');
  expect(() => withTable('no marks', 'new')).toThrow('<!-- bench:begin -->');
});

test('the Markdown has a table for each number of processes and names the better one', () => {
  const text = markdown(result);
  expect(text).toContain('2 cores (Some CPU), Node v24.0.0');
  expect(text).toContain(
    '| GET /api/users/me | 1,400/s | 2,500/s | 0.50 | ≥ 0.33 | 4.3 ms | 21 ms | ✓ | bare select |',
  );
  expect(text).toContain('More is answered with `WEB_CONCURRENCY=2` here.');
});

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([percentile(values, 0.5), percentile(values, 0.99), median([3, 1, 2])]).toEqual([50, 99, 2]);
  expect(percentile([], 0.5)).toBeNaN();
});

test('the quick mode measures once; numbers of processes are checked', () => {
  expect(parseOptions(['--quick'])).toMatchObject({ plan: { windows: 1 }, processCounts: [2], write: false });
  expect(parseOptions(['--processes', '1,4', '--write'])).toMatchObject({ processCounts: [1, 4], write: true });
  expect(() => parseOptions(['--processes', '0'])).toThrow('--processes takes numbers from 1 to 64');
});
