import type { LoadJob, LoadRequest } from './load.ts';

/**
 * The requests of a job as text, in turn for all connections together: each with a turn of its own would begin with the same
 * user and wait for the others. What changes something gets an Idempotency-Key of its own each time. Everything else is
 * written once.
 */
export function requestsOf(job: Omit<LoadJob, 'seconds' | 'connections'>, keyPrefix: string): () => string {
  const written = job.requests.map((request) => ({ head: headOf(job, request), body: request.body ?? '' }));
  let count = 0;
  return () => {
    const { head, body } = written[count++ % written.length] ?? { head: '', body: '' };
    const key = job.method === 'POST' ? `idempotency-key: ${keyPrefix}-${count}\r\n` : '';
    return `${head}${key}\r\n${body}`;
  };
}

function headOf(
  { url, method, headers }: Pick<LoadJob, 'url' | 'method' | 'headers'>,
  { path, authorization, body }: LoadRequest,
): string {
  const all = {
    host: new URL(url).host,
    ...headers,
    ...(authorization !== undefined && { authorization }),
    ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}`;
}
