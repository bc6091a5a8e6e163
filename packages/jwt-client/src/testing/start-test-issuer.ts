import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from './test-issuer.ts';

export interface RunningTestIssuer extends TestIssuer {
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** A test issuer behind a real HTTP server on 127.0.0.1 and a free port, for applications in another process. */
export async function startTestIssuer(options: Omit<TestIssuerOptions, 'issuer'> = {}): Promise<RunningTestIssuer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = createTestIssuer({ ...options, issuer: `http://127.0.0.1:${port}` });
  server.on('request', (request, response) => void answer(issuer, request, response));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(issuer, { close });
}

async function answer(issuer: TestIssuer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = { 'if-none-match': request.headers['if-none-match'] ?? '' };
  const document = await issuer.fetch(`${issuer.issuer}${request.url}`, { headers });
  response.writeHead(document.status, Object.fromEntries(document.headers)).end(await document.text());
}
