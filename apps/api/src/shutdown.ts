import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import type { Lifecycle } from './http/exchange.ts';

export interface DrainTimes {
  /** How long `/ready` says no while everything is still answered: balancers look away. */
  graceMs: number;
  /** How long connections in use may get a last answer, before those that are idle are closed. */
  lastAnswersMs: number;
  /** How long requests in flight may take to finish. */
  inFlightMsMax: number;
}

const DRAIN_TIMES: DrainTimes = { graceMs: 500, lastAnswersMs: 300, inFlightMsMax: 8_000 };
const SWEEP_MS = 50;

/**
 * Ends a server so that nobody is cut off: first not ready, then no new connections, then the requests in flight finish.
 * Resolves when the last connection is closed, at the latest after the three times together.
 */
export async function drain(server: Server, lifecycle: Lifecycle, times: DrainTimes = DRAIN_TIMES): Promise<void> {
  enter(lifecycle, 'draining');
  await wait(times.graceMs);
  enter(lifecycle, 'closing');
  // Not `server.close()`: it also cuts connections that are idle for the moment between two requests of a busy client.
  const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve));
  const deadline = setTimeout(() => server.closeAllConnections(), times.lastAnswersMs + times.inFlightMsMax);
  await Promise.race([closed, wait(times.lastAnswersMs)]);
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}

function enter(lifecycle: Lifecycle, phase: Lifecycle['phase']): void {
  Object.assign(lifecycle, { phase });
}

/** The whole way out takes no longer than this, whatever hangs: a supervisor would kill at ten seconds. */
const EXIT_MS_MAX = 9_500;

/** Runs `stop` at the first SIGTERM or SIGINT, then exits 0. Further signals change nothing: a group gets them twice. */
export function exitOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), EXIT_MS_MAX).unref();
    void stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
