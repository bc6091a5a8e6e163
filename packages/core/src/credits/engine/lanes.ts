import { setImmediate as nextTurn } from 'node:timers/promises';

import { Overloaded } from '../../kernel/limiter.ts';

export interface LaneOptions<Job> {
  /** How many batches may be sent at once, each in a lane of its own. */
  count: number;
  /** Jobs in one batch at most. */
  batchMax: number;
  /** Jobs that wait in all lanes together at most. */
  queuedMax: number;
  /** Batches of one lane that may be in flight, the second behind the first: 1 or 2. */
  inFlightMax: number;
  /** Carries out a batch and answers its jobs. It must not reject. After `onSent`, the next of its lane may follow. */
  run: (batch: readonly Job[], place: Place) => Promise<void>;
}

interface Place {
  readonly lane: number;
  /** Resolves when the batches that the lane sent before are over. */
  readonly before: Promise<void>;
  readonly onSent: () => void;
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
  inFlight: Set<Promise<void>>;
  /** Whether a batch is being put together, or has not been sent yet. */
  isBusy: boolean;
}

/** From twice as many on, half of them are a batch: the other half is worked out while the database is busy with it. */
const HALF_MIN = 32;

/**
 * Queues that turn single jobs into batches without a timer: a lane puts one batch together at a time, and what arrives
 * meanwhile is the next one. An idle lane starts at once, so that waiting costs nothing when there is nobody to wait for.
 */
export function createLanes<Job>({ count, batchMax, queuedMax, inFlightMax, run }: LaneOptions<Job>): Lanes<Job> {
  const lanes = Array.from({ length: count }, (): Lane<Job> => ({ waiting: [], inFlight: new Set(), isBusy: false }));
  let queued = 0;

  const sizeOf = ({ waiting, inFlight }: Lane<Job>): number => {
    const isSplit = inFlightMax > 1 && inFlight.size === 0 && waiting.length >= 2 * HALF_MIN;
    return Math.min(batchMax, isSplit ? waiting.length >> 1 : waiting.length);
  };

  const start = async (lane: Lane<Job>): Promise<void> => {
    if (lane.isBusy || lane.waiting.length === 0 || lane.inFlight.size >= inFlightMax) return;
    lane.isBusy = true;
    // The callers that the last batch has answered ask again in this turn: one batch for them, not one for the first.
    await nextTurn();
    const batch = lane.waiting.splice(0, sizeOf(lane));
    queued -= batch.length;
    const goOn = (): void => {
      lane.isBusy = false;
      void start(lane);
    };
    let isSent = false;
    const onSent = (): void => {
      if (isSent) return;
      isSent = true;
      goOn();
    };
    const before = Promise.all(lane.inFlight).then(() => undefined);
    const settled = async (): Promise<void> => {
      await run(batch, { lane: lanes.indexOf(lane), before, onSent });
      lane.inFlight.delete(running);
      if (isSent) void start(lane);
      else onSent();
    };
    const running = settled();
    lane.inFlight.add(running);
  };

  return {
    push(key, job) {
      if (queued >= queuedMax) throw new Overloaded();
      const lane = lanes[hashOf(key) % count] as Lane<Job>;
      queued += 1;
      lane.waiting.push(job);
      void start(lane);
    },
    async drain() {
      while (!lanes.every(isIdle)) await Promise.all([nextTurn(), ...lanes.flatMap((lane) => [...lane.inFlight])]);
    },
  };
}

function isIdle({ isBusy, waiting, inFlight }: Lane<unknown>): boolean {
  return !isBusy && waiting.length === 0 && inFlight.size === 0;
}

/** FNV-1a, which spreads ids that differ in few characters. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
