import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier } from '@org/jwt-client';
import { createDemoApp } from './app.ts';
import type { Config } from './config.ts';
import { countOutgoing } from './outgoing.ts';

export interface RunningDemo {
  readonly address: string;
  /** Answers what is under way, for at most five seconds, then stops. */
  close(): Promise<void>;
}

const closeMsMax = 5000;

/** Starts the demo client. Rejects with a message for the operator when it cannot listen. */
export async function serve({ issuer, audience, host, port }: Config): Promise<RunningDemo> {
  const outgoing = countOutgoing();
  const verifier = createVerifier({ issuer, audience, jwks: { fetch: outgoing.fetch } });
  const site = { issuer, address: addressOf(host, port) };
  const server = createServer(createDemoApp(verifier, { site, outgoing: outgoing.count }));
  await listen(server, host, port);
  return {
    address: addressOf(host, (server.address() as AddressInfo).port),
    async close() {
      verifier.close();
      setTimeout(() => server.closeAllConnections(), closeMsMax).unref();
      await new Promise((resolve) => server.close(resolve)); // Idle connections are closed at once.
    },
  };
}

const addressOf = (host: string, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(explain(error, host, port), { cause: error })),
    );
    server.listen(port, host, resolve);
  });
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use: stop the other program, or set PORT to a free one',
  EACCES: 'the port is reserved for the administrator: set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address: set HOST to one of its own',
  ENOTFOUND: 'that name is unknown: set HOST to an address of this machine',
};

function explain({ code = '', message }: NodeJS.ErrnoException, host: string, port: number): string {
  return `Cannot listen on ${host} port ${port}: ${reasons[code] ?? message}`;
}
