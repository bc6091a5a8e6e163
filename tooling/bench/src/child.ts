import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Cleanup } from './cleanup.ts';

/** PostgreSQL writes everything to the disk before it ends. */
const END_MS_MAX = 30_000;

/** What runs in a process of its own, so that none shares an event loop with another. */
const programs = {
  postgres: new URL('./postgres.ts', import.meta.url),
  'bare-server': new URL('./bare-server.ts', import.meta.url),
  load: new URL('./load.ts', import.meta.url),
  'argon2-alone': new URL('./argon2-alone.ts', import.meta.url),
  'live-probe': new URL('./live-probe.ts', import.meta.url),
};
type Program = keyof typeof programs;

export interface Running<Said> {
  /** The child's one answer: that it is ready, or its result. */
  readonly said: Said;
  end(): Promise<void>;
}

/** Starts a program, sends it its job, and waits for its answer. Rejects when it ends without one. */
export async function start<Said>(cleanup: Cleanup, program: Program, job: object): Promise<Running<Said>> {
  // Detached: Ctrl-C in a terminal reaches a whole process group, and the end of each is ours to order.
  const child = fork(fileURLToPath(programs[program]), { detached: true });
  const end = cleanup.keep(() => endOf(child));
  child.send(job);
  const said = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
  if (said === undefined) throw new Error(`${program} ended early (its reason is above)`);
  return { said: said[0] as Said, end };
}

/** Starts a program that ends with its answer. */
export async function run<Result>(cleanup: Cleanup, program: Program, job: object): Promise<Result> {
  const { said, end } = await start<Result>(cleanup, program, job);
  await end();
  return said;
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  const impatience = setTimeout(() => child.kill('SIGKILL'), END_MS_MAX);
  await exited;
  clearTimeout(impatience);
}
