/** The load generator: each connection sends its next request when the last one was answered. */
import autocannon, { type Request as AutocannonRequest } from 'autocannon';

import { serveParent } from './parent.ts';

export interface LoadJob {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly LoadRequest[];
}

/** What differs from request to request; they are sent again and again. */
interface LoadRequest {
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

serveParent(async (job: LoadJob): Promise<LoadResult> => {
  const { url, connections, seconds: duration, method } = job;
  const requests =
    method === 'POST' ? [{ method, setupRequest: nextOf(job) }] : job.requests.map((each) => requestOf(job, each));
  const result = await autocannon({ url, connections, duration, requests });
  return {
    perSecond: result['2xx'] / result.duration,
    others: result.non2xx + result.errors,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
});

/**
 * What changes something is built when it is sent: all connections together take the requests in turn, or each would begin
 * with the same user and wait for the others, and each has an Idempotency-Key of its own. Reads are built once, which
 * leaves more of the machine to the server.
 */
function nextOf(job: LoadJob): () => AutocannonRequest {
  let count = 0;
  return () => {
    const request = requestOf(job, job.requests[count % job.requests.length] ?? { path: '/' });
    return { ...request, headers: { ...request.headers, 'idempotency-key': `bench-${process.pid}-${count++}` } };
  };
}

function requestOf({ method, headers }: LoadJob, { path, authorization, body }: LoadRequest): AutocannonRequest {
  return {
    method,
    path,
    ...(body !== undefined && { body }),
    headers: { ...headers, ...(authorization !== undefined && { authorization }) },
  };
}
