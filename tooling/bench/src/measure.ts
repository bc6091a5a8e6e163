import { setTimeout as wait } from 'node:timers/promises';
import { defaultSettings } from '@org/core';

import type { Argon2Job, Argon2Result } from './argon2-alone.ts';
import { run } from './child.ts';
import type { Cleanup } from './cleanup.ts';
import type { LiveJob, LiveResult } from './live-probe.ts';
import type { LoadJob, LoadResult } from './load.ts';
import { median } from './numbers.ts';
import { LIVE, SIGN_IN, type Scenario } from './scenarios.ts';

/** How long and how often; windows of the two sides take turns, so that a busy machine slows both. */
export interface Plan {
  readonly windowSeconds: number;
  readonly windows: number;
  readonly warmUpSeconds: number;
}

/** One line of the result: our rate beside the limit's, each the median of its windows. */
export interface Row {
  readonly name: string;
  readonly limit: string;
  readonly ours: number;
  readonly limits: number;
  readonly ratio: number;
  readonly target: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of ours that were not 2xx, errors and timeouts. */
  readonly others: number;
}

export interface LiveRow extends LiveResult {
  readonly name: string;
  readonly p99MsMax: number;
}

/** After sign-ins the server still checks the passwords that were waiting: the next window must not pay for them. */
const SETTLE_MS = 1_500;

export interface Measuring {
  readonly cleanup: Cleanup;
  readonly plan: Plan;
  /** Told what is going on. */
  readonly progress: (text: string) => void;
}

export async function compare(
  measuring: Measuring,
  scenario: Scenario,
  urls: { product: string; bare: string },
): Promise<Row> {
  const { cleanup, plan, progress } = measuring;
  const load = async (side: 'product' | 'bare', seconds: number): Promise<LoadResult> => {
    const result = await run<LoadResult>(cleanup, 'load', {
      ...scenario[side],
      url: urls[side],
      seconds,
    } satisfies LoadJob);
    progress(`${scenario.name}: ${side === 'bare' ? 'limit' : 'ours '} ${Math.round(result.perSecond)}/s`);
    return result;
  };
  await load('bare', plan.warmUpSeconds);
  await load('product', plan.warmUpSeconds);
  const ours: LoadResult[] = [];
  const limits: LoadResult[] = [];
  for (let window = 0; window < plan.windows; window++) {
    ours.push(await load('product', plan.windowSeconds));
    limits.push(await load('bare', plan.windowSeconds));
  }
  return rowOf(scenario, ours, limits);
}

/** Sign-ins beside argon2 alone; meanwhile another process asks whether the server is alive. */
export async function compareSignIns(measuring: Measuring, load: Omit<LoadJob, 'seconds'>): Promise<[Row, LiveRow]> {
  const { cleanup, plan, progress } = measuring;
  const { argon2MemoryKib: memoryKib, argon2Passes: passes } = defaultSettings;
  const seconds = plan.windowSeconds;
  const ours: LoadResult[] = [];
  const limits: Argon2Result[] = [];
  const lives: LiveResult[] = [];
  for (let window = 0; window < plan.windows; window++) {
    const [signIns, live] = await Promise.all([
      run<LoadResult>(cleanup, 'load', { ...load, seconds } satisfies LoadJob),
      run<LiveResult>(cleanup, 'live-probe', { url: load.url, seconds } satisfies LiveJob),
    ]);
    progress(`${SIGN_IN.name}: ours  ${signIns.perSecond.toFixed(1)}/s, live p99 ${live.p99Ms.toFixed(1)} ms`);
    await wait(SETTLE_MS);
    const alone = await run<Argon2Result>(cleanup, 'argon2-alone', { memoryKib, passes, seconds } satisfies Argon2Job);
    progress(`${SIGN_IN.name}: limit ${alone.perSecond.toFixed(1)}/s`);
    ours.push(signIns);
    lives.push(live);
    limits.push(alone);
  }
  return [rowOf(SIGN_IN, ours, limits), liveRowOf(lives)];
}

function rowOf(
  { name, limit, target }: Pick<Row, 'name' | 'limit' | 'target'>,
  ours: readonly LoadResult[],
  limits: readonly { perSecond: number }[],
): Row {
  const rates = {
    ours: median(ours.map(({ perSecond }) => perSecond)),
    limits: median(limits.map(({ perSecond }) => perSecond)),
  };
  if (!(rates.ours > 0 && rates.limits > 0)) throw new Error(`${name}: nothing was answered with 2xx`);
  return {
    name,
    limit,
    ...rates,
    ratio: rates.ours / rates.limits,
    target,
    p50Ms: median(ours.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(ours.map(({ p99Ms }) => p99Ms)),
    others: ours.reduce((sum, { others }) => sum + others, 0),
  };
}

function liveRowOf(lives: readonly LiveResult[]): LiveRow {
  return {
    ...LIVE,
    p50Ms: median(lives.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(lives.map(({ p99Ms }) => p99Ms)),
    failed: lives.reduce((sum, { failed }) => sum + failed, 0),
  };
}
