import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(import.meta.resolve('@org/api/dist/main.js'));
/** Ends the server when this process is gone, however it died. */
const FOLLOW = new URL('../../launcher/follow-launcher.mjs', import.meta.url).href;
const START_MS_MAX = 30_000;
const STOP_MS_MAX = 15_000;
const COMPLAINT_CHARACTERS_MAX = 2_000;

export interface ServerOptions {
  /** What the server is told; of our own environment it sees PATH only. LOG_LEVEL stays at `info`: its start is read from the log. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many processes serve, 1 unless told. */
  readonly processes?: number;
  /** Flags for Node itself, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

export interface RunningServer {
  readonly url: string;
  /** Ends it as an operator would, and at once if that takes longer than 15 seconds. */
  stop(): Promise<void>;
}

/** The server that `npm run build` made, in processes of its own on a free loopback port. Rejects when it does not start. */
export async function startServer({
  environment,
  processes = 1,
  nodeFlags = [],
}: ServerOptions): Promise<RunningServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeFlags, '--import', FOLLOW, ENTRY], {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: String(port),
      WEB_CONCURRENCY: String(processes),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    await allListen(child, processes);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return { url: `http://127.0.0.1:${port}`, stop: () => stop(child) };
}

/** Each process logs that it listens when it has set up what was missing: a port alone opens before there is an admin. */
async function allListen(child: ChildProcess, processes: number): Promise<void> {
  let complaint = '';
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-COMPLAINT_CHARACTERS_MAX)));
  let listening = 0;
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`${reason} ${complaint.trim()}`.trim()));
    const deadline = setTimeout(() => fail('The server did not start within 30 seconds.'), START_MS_MAX);
    child.once('close', () => fail('The server did not start (is it built? `npm run build`).'));
    // Read on to the end, or the server would wait for room in the pipe.
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      listening += text.split('"msg":"listening"').length - 1;
      if (listening < processes) return;
      clearTimeout(deadline);
      child.stdout?.removeAllListeners('data').resume();
      resolve();
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(impatience);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
