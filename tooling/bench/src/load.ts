/** The load generator: each connection sends its next request when the last one was answered. */
import { connect } from './connection.ts';
import { percentile } from './numbers.ts';
import { serveParent } from './parent.ts';
import { requestsOf } from './requests.ts';

export interface LoadJob {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly LoadRequest[];
}

/** What differs from request to request; they are sent again and again. */
export interface LoadRequest {
  readonly path: string;
  readonly authorization?: string;
  readonly body?: string;
}

export interface LoadResult {
  /** Answers of status 2xx in each second. */
  readonly perSecond: number;
  /** All other answers, errors and timeouts. */
  readonly others: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Tally {
  readonly latenciesMs: number[];
  others: number;
}

serveParent(async (job: LoadJob): Promise<LoadResult> => {
  const next = requestsOf(job, `bench-${process.pid}`);
  const tally: Tally = { latenciesMs: [], others: 0 };
  const endMs = performance.now() + job.seconds * 1000;
  await Promise.all(Array.from({ length: job.connections }, () => keepAsking(job.url, next, endMs, tally)));
  return {
    perSecond: tally.latenciesMs.length / job.seconds,
    others: tally.others,
    p50Ms: percentile(tally.latenciesMs, 0.5),
    p99Ms: percentile(tally.latenciesMs, 0.99),
  };
});

async function keepAsking(url: string, next: () => string, endMs: number, tally: Tally): Promise<void> {
  try {
    const connection = await connect(url);
    for (let sentMs = performance.now(); sentMs < endMs; sentMs = performance.now()) {
      const { status } = await connection.ask(next());
      const answeredMs = performance.now();
      if (status < 200 || status > 299) tally.others += 1;
      else if (answeredMs < endMs) tally.latenciesMs.push(answeredMs - sentMs);
    }
    connection.close();
  } catch {
    tally.others += 1;
  }
}
