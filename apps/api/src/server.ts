import { randomUUID } from 'node:crypto';
import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';

import { problemDocument, PROBLEM_TYPE, refusalFailure } from './http/problem.ts';
import { Refusal } from './http/refusals.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often the two above are looked at; Node's own 30 s would let a slow sender stay for 40. */
const TIMEOUT_CHECK_MS = 2_000;
/** Longer than the 60 s of usual proxies, so that it is never we who close a connection they are about to use. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** An HTTP server with its limits. It does not listen yet. */
export function createHttpServer(app: RequestListener, log: Logger): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    },
    app,
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerClientError(error, socket, log));
  return server;
}

/** @throws Error with a `code` such as EADDRINUSE */
export async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}

/** What cannot be parsed as HTTP never reaches the app; it gets the same kind of answer all the same. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket, log: Logger): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const failure = refusalFailure(refusalOf(error.code));
  const { status, code } = failure;
  const correlationId = randomUUID();
  const body = problemDocument(failure, `urn:uuid:${correlationId}`, correlationId);
  log.info({ status, code, correlation_id: correlationId }, 'refused unread');
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\nX-Correlation-ID: ${correlationId}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Refusal('request.headers_too_large', 'The request headers are larger than 16 kB.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('request.timeout', 'Send the request within 30 seconds.');
  return new Refusal('request.malformed', 'This is not a well-formed HTTP request.');
}
