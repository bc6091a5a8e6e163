/** Asks for /api/health/live at a steady pace, however slow the answers are: each counts from when it was due. */
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { percentile } from './numbers.ts';
import { serveParent } from './parent.ts';

export interface LiveJob {
  readonly url: string;
  readonly seconds: number;
}

export interface LiveResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

const EVERY_MS = 20;
const ANSWER_MS_MAX = 5_000;
const agent = new Agent({ keepAlive: true });

serveParent(async ({ url, seconds }: LiveJob): Promise<LiveResult> => {
  const startedMs = performance.now();
  const dueTimes = Array.from({ length: (seconds * 1000) / EVERY_MS }, (_, index) => startedMs + index * EVERY_MS);
  const latencies = await Promise.all(dueTimes.map((dueMs) => ask(`${url}/api/health/live`, dueMs)));
  const answered = latencies.filter((latency) => latency !== undefined);
  return {
    p50Ms: percentile(answered, 0.5),
    p99Ms: percentile(answered, 0.99),
    failed: latencies.length - answered.length,
  };
});

async function ask(url: string, dueMs: number): Promise<number | undefined> {
  await wait(Math.max(0, dueMs - performance.now()));
  return new Promise((resolve) => {
    get(url, { agent, timeout: ANSWER_MS_MAX }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200 ? performance.now() - dueMs : undefined));
    })
      .once('timeout', () => resolve(undefined))
      .once('error', () => resolve(undefined));
  });
}
