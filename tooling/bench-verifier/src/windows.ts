import type { Candidate } from './candidates.ts';

export interface Pace {
  /** Rounds; in each, every candidate has one window. */
  readonly rounds: number;
  /** Calls per window. */
  readonly calls: number;
}

/** Microseconds per call of each candidate: the lower quartile of its windows, which other programs disturb least. */
export type Times = ReadonlyMap<string, number>;

/** There with `--expose-gc`. */
const { gc: collectGarbage } = globalThis;

/** A string that no engine has seen: its hash is not computed, and it is not a slice of another. */
export const freshCopy = (text: string) => Buffer.from(text, 'latin1').toString('latin1');

/**
 * Measures in turns, so that whatever else the machine does falls on all alike; each round begins with another one.
 * The strings are made outside the measured time.
 */
export async function measure(candidates: readonly Candidate[], tokens: readonly string[], pace: Pace): Promise<Times> {
  const windows = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < pace.rounds; round++) {
    for (const candidate of rotated(candidates, round + 1)) {
      const us = await runWindow(candidate, tokens, pace.calls);
      if (round >= 0) windows.get(candidate.name)?.push(us); // The round before the first one warms up.
    }
  }
  return new Map([...windows].map(([name, values]) => [name, percentile(values, 0.25)]));
}

async function runWindow({ verify }: Candidate, tokens: readonly string[], calls: number): Promise<number> {
  const batch = Array.from({ length: calls }, (_, i) => freshCopy(tokens[i % tokens.length] ?? ''));
  collectGarbage?.({ type: 'minor' }); // What one leaves behind is not cleared away in the time of the next.
  const startedMs = performance.now();
  for (const token of batch) {
    const outcome = verify(token);
    if (outcome instanceof Promise) await outcome;
  }
  return ((performance.now() - startedMs) * 1000) / calls;
}

function rotated<T>(items: readonly T[], by: number): readonly T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** The value that this share of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}
