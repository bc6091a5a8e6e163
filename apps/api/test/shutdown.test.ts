import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { freshDatabase } from './databases.ts';
import { startServer, until, type ServerProcess } from './server-process.ts';

describe('SIGTERM', () => {
  let server: ServerProcess;
  beforeEach(async () => {
    server = await (await startServer({ DATABASE_URL: await freshDatabase('sqlite') })).ready();
  });
  afterEach(() => server.kill());

  it('says not ready first, while requests are still answered', async () => {
    server.child.kill('SIGTERM');
    await until(async () => (await server.http.get('/api/health/ready')).status === 503, 2_000);
    expect((await server.http.get('/api/health/live')).status).toBe(200);
    expect(await server.ended).toBe(0);
  });

  it('cuts nobody off: of requests without pause none is reset, and the process ends with 0 within ten seconds', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const outcomes: string[] = [];
    const caller = async (): Promise<void> => {
      for (let last = ''; last !== 'ECONNREFUSED' && outcomes.length < 100_000; outcomes.push(last))
        last = await ask(`${server.url}/api/health/ready`, agent);
    };
    const callers = Array.from({ length: 16 }, caller);
    await until(() => outcomes.length > 200, 10_000);
    const startedMs = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await Promise.all(callers);
    agent.destroy();
    expect(new Set(outcomes)).toEqual(new Set(['200', '503', 'ECONNREFUSED']));
  });

  it('lets a request finish that has begun', async () => {
    const body = JSON.stringify({ email: 'nobody@example.org', password: 'some password' });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const slow = request(`${server.url}/api/auth/login`, { method: 'POST', headers });
    const answered = new Promise<number>((resolve, reject) => {
      slow.on('response', (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject);
    });
    slow.write(body.slice(0, 10));
    await until(() => slow.socket?.connecting === false, 2_000);
    server.child.kill('SIGTERM');
    await until(async () => !(await accepts(server.url)), 5_000);
    slow.end(body.slice(10));
    expect(await answered).toBe(401);
    expect(await server.ended).toBe(0);
  });

  it('waits for an idle connection no longer than for none', async () => {
    const agent = new Agent({ keepAlive: true });
    expect(await ask(`${server.url}/api/health/live`, agent)).toBe('200');
    const startedMs = performance.now();
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    agent.destroy();
  });
});

/** The status, or the code of the error. */
function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    request(url, { agent }, (response) => response.resume().on('end', () => resolve(String(response.statusCode))))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end();
  });
}

async function accepts(url: string): Promise<boolean> {
  const agent = new Agent();
  const outcome = await ask(`${url}/api/health/live`, agent);
  return outcome !== 'ECONNREFUSED';
}
