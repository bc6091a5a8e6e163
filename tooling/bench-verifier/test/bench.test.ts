import { describe, expect, test } from 'vitest';
import { bench, quick } from '../src/bench.ts';
import { bare, createField, ours } from '../src/candidates.ts';
import { missed, report, type Results } from '../src/report.ts';
import { measure, percentile } from '../src/windows.ts';

const outcomeOf = async (verify: (token: string) => unknown, token: string) => {
  try {
    await verify(token);
    return 'accepted';
  } catch {
    return 'refused';
  }
};

describe.each(['RS256', 'ES256'] as const)('%s', (alg) => {
  test('every candidate accepts a good token and refuses a changed one: nobody is measured doing nothing', async () => {
    const { issuer, candidates } = await createField(alg, false);
    const [head, , signature] = issuer.mint().split('.');
    const changed = `${head}.${issuer.mint({ sub: 'eve' }).split('.')[1]}.${signature}`;
    for (const { name, verify } of candidates) {
      expect([name, await outcomeOf(verify, issuer.mint()), await outcomeOf(verify, changed)]).toEqual([
        name,
        'accepted',
        'refused',
      ]);
    }
  });
});

test('every candidate gets as many calls, each with a string of its own', async () => {
  const seen: string[] = [];
  const candidates = ['a', 'b'].map((name) => ({ name, verify: () => void seen.push(name) }));
  const times = await measure(candidates, ['x'], { rounds: 3, calls: 5 });
  expect([times.size, seen.filter((name) => name === 'a').length, seen.length]).toEqual([2, 20, 40]);
});

test('percentiles', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([3], 0.99)]).toEqual([51, 100, 3]);
});

test('the whole of it runs, and its promises about outages and floods hold', async () => {
  const results = await bench(quick);
  const own = results.mishaps.find(({ name }) => name === ours);
  expect(own).toMatchObject({ refusedInOutage: 0, acceptsWithdrawnKey: false });
  expect(own?.fetchesForUnknownKeys).toBeLessThanOrEqual(1);
  expect(results.mishaps.find(({ name }) => name === 'jose')?.refusedInOutage).toBeGreaterThan(0);
  expect(report(results)).toMatch(/\| @org\/jwt-client \| \*\*/);
});

test('a missed promise is said', () => {
  const even = new Map([
    [ours, 2],
    [bare, 1],
    ['jose', 1],
  ]);
  const results: Results = { rs256: even, es256: even, cached: even, p99: new Map([[ours, 9]]), mishaps: [] };
  expect(missed(results)).toHaveLength(9);
});
