import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startTestPostgres } from '@org/test-postgres';
import { expect, onTestFinished, test } from 'vitest';

import { openTestScope } from '../../test/scope.ts';
import { DatabaseUnavailable } from '../kernel/errors.ts';

test('a database that takes everything and says nothing is noticed within two seconds, and its return at once', async () => {
  const postgres = await startTestPostgres();
  onTestFinished(() => postgres.close());
  const { url, hang, goOn } = await stalling(await postgres.createDatabase('ping'));
  const { database, close } = await openTestScope(url);
  onTestFinished(close);
  await database.ping();

  hang();
  for (const msMax of [2_000, 100]) {
    const startedMs = performance.now();
    await expect(Promise.all([database.ping(), database.ping()])).rejects.toThrow(DatabaseUnavailable);
    expect(performance.now() - startedMs).toBeLessThan(msMax);
  }
  goOn();
  await expect.poll(() => database.ping().then(() => 'back', String)).toBe('back');
});

/** A way to PostgreSQL that can stop forwarding: connections are taken and stay open, as of a process that was stopped. */
async function stalling(url: string): Promise<{ url: string; hang: () => void; goOn: () => void }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let hangs = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one.pipe(other));
      one.on('close', () => other.destroy()).on('error', () => other.destroy());
      if (hangs) one.pause();
    }
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
    hang() {
      hangs = true;
      for (const socket of sockets) socket.pause();
    },
    goOn() {
      hangs = false;
      for (const socket of sockets) socket.resume();
    },
  };
}
