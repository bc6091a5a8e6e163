/** The load generator: 64 connections, each sending its next request when the last one was answered. */
import autocannon from 'autocannon';

import { serveParent } from './parent.ts';

export interface LoadJob {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly requests: readonly LoadRequest[];
  /** A new Idempotency-Key for each request. */
  readonly withKeys: boolean;
}

/** What differs from request to request: all connections together take them in turn, again and again. */
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

serveParent(async ({ url, seconds, connections, method, headers, requests, withKeys }: LoadJob): Promise<LoadResult> => {
  const run = process.pid;
  let count = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method,
        setupRequest: (request) => {
          const { path, authorization, body } = requests[count++ % requests.length] ?? { path: '/' };
          return {
            ...request,
            path,
            ...(body !== undefined && { body }),
            headers: {
              ...headers,
              ...(authorization !== undefined && { authorization }),
              ...(withKeys && { 'idempotency-key': `bench-${run}-${count}` }),
            },
          };
        },
      },
    ],
  });
  return {
    perSecond: result['2xx'] / result.duration,
    others: result.non2xx + result.errors,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
});
