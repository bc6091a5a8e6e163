import { setImmediate as nextTurn } from 'node:timers/promises';

import { Overloaded } from '../../kernel/limiter.ts';

export interface LaneOptions<Job> {
  /** How many batches may be in flight at once, each in a lane of its own. */
  count: number;
  /** Jobs in one batch at most. */
  batchMax: number;
  /** Jobs that wait in all lanes together at most. */
  queuedMax: number;
  /** Carries out a batch and answers its jobs. It must not reject. */
  run: (batch: readonly Job[]) => Promise<void>;
}

export interface Lanes<Job> {
  /**
   * Adds a job to the lane of its key: jobs with one key are carried out in the order they came.
   *
   * @throws Overloaded when too many wait; the job was not taken
   */
  push(key: string, job: Job): void;
  /** Resolves when every job that was pushed before has been carried out. */
  drain(): Promise<void>;
}

interface Lane<Job> {
  waiting: Job[];
  running: Promise<void> | undefined;
}

/**
 * Queues that turn single jobs into batches without a timer: a lane has one batch in flight, and what arrives meanwhile is
 * the next one. An idle lane starts at once, so that waiting costs nothing when there is nobody to wait for.
 */
export function createLanes<Job>({ count, batchMax, queuedMax, run }: LaneOptions<Job>): Lanes<Job> {
  const lanes = Array.from({ length: count }, (): Lane<Job> => ({ waiting: [], running: undefined }));
  let queued = 0;

  const work = async (lane: Lane<Job>): Promise<void> => {
    while (lane.waiting.length > 0) {
      // The callers that the last batch has answered ask again in this turn: one batch for them, not one for the first.
      await nextTurn();
      const batch = lane.waiting.splice(0, batchMax);
      queued -= batch.length;
      await run(batch);
    }
    lane.running = undefined;
  };

  return {
    push(key, job) {
      if (queued >= queuedMax) throw new Overloaded();
      const lane = lanes[hashOf(key) % count] as Lane<Job>;
      queued += 1;
      lane.waiting.push(job);
      lane.running ??= work(lane);
    },
    async drain() {
      for (const lane of lanes) await lane.running;
    },
  };
}

/** FNV-1a, which spreads ids that differ in few characters. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
