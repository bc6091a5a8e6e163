import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';

import { exitOnSignal } from './shutdown.ts';

/** What the first worker says when setup is done and it serves. */
const READY = 'ready';
const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 10_000;
/** A worker that lived this long did not crash for the reason that the one before did. */
const STABLE_MS = 60_000;

/** Whether this process is the one that runs setup: alone, or the first of several workers. */
export function runsSetup(): boolean {
  return cluster.isPrimary || cluster.worker?.id === 1;
}

export function sayReady(): void {
  if (cluster.isWorker) process.send?.(READY);
}

export function isSupervisor(concurrency: number): boolean {
  return concurrency > 1 && cluster.isPrimary;
}

/**
 * Forks workers and replaces those that crash. The first starts alone and sets up; when it cannot start, nobody can, and
 * this process exits with its code.
 */
export function superviseWorkers(count: number, log: Logger): void {
  let started = false;
  let stopping = false;
  let backoffMs = BACKOFF_MS_MIN;

  const fork = (): Worker => {
    const bornMs = performance.now();
    const worker = cluster.fork();
    worker.once('exit', (code, signal) => {
      if (stopping) return;
      if (!started) process.exit(code || 1);
      log.error({ pid: worker.process.pid, code, signal, restart_ms: backoffMs }, 'worker ended; starting another');
      setTimeout(fork, backoffMs);
      backoffMs = performance.now() - bornMs > STABLE_MS ? BACKOFF_MS_MIN : Math.min(backoffMs * 2, BACKOFF_MS_MAX);
    });
    return worker;
  };
  fork().once('message', () => {
    started = true;
    for (let more = 1; more < count; more++) fork();
  });
  exitOnSignal(async () => {
    stopping = true;
    await Promise.all(Object.values(cluster.workers ?? {}).map(endWorker));
  });
}

async function endWorker(worker: Worker | undefined): Promise<void> {
  if (worker === undefined || worker.isDead()) return;
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.process.kill('SIGTERM');
  await exited;
}
