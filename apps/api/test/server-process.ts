import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { ADMIN, TEST_SECRET } from './app.ts';
import { temporaryFolder } from './databases.ts';
import { httpClient, type Http } from './http.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The built server as a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly http: Http;
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code once it has ended, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves when it is ready for requests. */
  ready(): Promise<ServerProcess>;
  signIn(): Promise<Http>;
  /** Ends it at once, if it still runs. */
  kill(): Promise<void>;
}

/** What every server of a test is configured with, unless told otherwise. */
const USUAL = {
  ADMIN_PASSWORD: ADMIN.password,
  SECRET_KEY: TEST_SECRET.reveal(),
  ARGON2_MEMORY_KIB: '1024',
  ARGON2_PASSES: '1',
};

export async function startServer(variables: Record<string, string>): Promise<ServerProcess> {
  const port = Number(variables['PORT'] ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const env = { PATH: process.env['PATH'], ...USUAL, PORT: String(port), ...variables };
  const child = spawn(process.execPath, ['--conditions=@org/source', main], {
    env,
    cwd: temporaryFolder(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (said.stderr += text));
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => (code ?? signal) as number | string);
  const http = httpClient(url);
  const server: ServerProcess = {
    url,
    http,
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended,
    async ready() {
      await Promise.race([
        untilReady(http),
        ended.then((code) => Promise.reject(new Error(`the server ended with ${code}:\n${said.stderr}`))),
      ]);
      return server;
    },
    async signIn() {
      const { body } = await http.post('/api/auth/login', ADMIN);
      return httpClient(url, { authorization: `Bearer ${String(body['access_token'])}` });
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  return server;
}

async function untilReady(http: Http): Promise<void> {
  const isReady = (): Promise<boolean> =>
    http.get('/api/health/ready').then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(isReady, 20_000);
}

/** Waits for a condition, asking every 20 ms. */
export async function until(condition: () => Promise<boolean> | boolean, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return performance.now() - startedMs;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
