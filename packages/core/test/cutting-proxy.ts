import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to PostgreSQL that loses the connection at a COMMIT when it is told to. */
export interface CuttingProxy {
  readonly url: string;
  /** Cuts at the next COMMIT, before the server has seen it or after it has carried it out. */
  cutAtCommit(when: 'before' | 'after'): void;
  /** How many connections it has cut. */
  cuts(): number;
  /** Loses every connection at the next cut, and refuses all from then on. */
  stayDown(): void;
}

const COMMIT = Buffer.from('commit\0');
const COMMITTED = Buffer.from('COMMIT\0');

export async function cuttingProxy(url: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let armed: 'before' | 'after' | undefined;
  let cuts = 0;
  let staysDown = false;
  let isDown = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let isCommitting = false;
    const cut = (): void => {
      cuts += 1;
      armed = undefined;
      isDown = staysDown;
      for (const socket of staysDown ? sockets : [client, upstream]) socket.destroy();
    };
    client.on('data', (data) => {
      isCommitting = armed !== undefined && data.includes(COMMIT);
      if (isCommitting && armed === 'before') return cut();
      upstream.write(data);
    });
    upstream.on('data', (data) => (isCommitting && data.includes(COMMITTED) ? cut() : client.write(data)));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
    if (isDown) client.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    cutAtCommit: (when) => void (armed = when),
    cuts: () => cuts,
    stayDown: () => void (staysDown = true),
  };
}
