import { connect } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createHttpServer, listen } from './server.ts';

describe('the HTTP server', () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const server = createHttpServer((_request, response) => response.end('reached'), log);
  let port: number;
  beforeEach(async () => ({ port } = await listen(server, { host: '127.0.0.1', port: 0 })));
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** Everything that is answered to these bytes until the connection ends. */
  const answerTo = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = '';
      connect(port, '127.0.0.1')
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject)
        .end(bytes);
    });

  it('does not wait for ever: not for headers, not for a body, not for the next request', () => {
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([10_000, 30_000, 65_000]);
  });

  it.each([
    ['what is not HTTP', 'hello\r\n\r\n', 400, 'request.malformed'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      400,
      'request.malformed',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'request.malformed',
    ],
  ])('%s is answered with a problem, and the connection ends', async (_, bytes, status, code) => {
    const answer = await answerTo(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    const problem = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Record<string, string>;
    const id = problem['correlation_id'] ?? '';
    expect(problem).toMatchObject({ status, code, instance: `urn:uuid:${id}` });
    expect(answer).toContain(`X-Correlation-ID: ${id}\r\n`);
    expect(lines.at(-1)).toContain(`"correlation_id":"${id}"`);
  });

  it('a request that does not arrive in time is told so', async () => {
    server.once('connection', (socket) =>
      server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket),
    );
    expect(await answerTo('')).toMatch(/^HTTP\/1.1 408 .*"code":"request.timeout"/s);
  });

  it('a port that is taken is an error with its code', async () => {
    const second = createHttpServer(() => {}, log);
    await expect(listen(second, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
