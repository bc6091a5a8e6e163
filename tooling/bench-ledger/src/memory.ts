import type { Core } from '@org/core';

import { measureSpends } from './engine.ts';

export interface MemoryResult {
  readonly postings: number;
  readonly heapBeforeBytes: number;
  readonly heapAfterBytes: number;
}

const WARM_UP_POSTINGS = 50_000;
const CALLERS = 256;

/** The heap after so many postings, compared with the heap when everything was warm. Needs `--expose-gc` to be exact. */
export async function measureMemory(core: Core, userIds: readonly string[], postings: number): Promise<MemoryResult> {
  await postMany(core, userIds, WARM_UP_POSTINGS);
  const heapBeforeBytes = heapBytes();
  await postMany(core, userIds, postings);
  return { postings, heapBeforeBytes, heapAfterBytes: heapBytes() };
}

async function postMany(core: Core, userIds: readonly string[], postings: number): Promise<void> {
  let left = postings;
  while (left > 0) {
    const { perSecond } = await measureSpends(core, userIds, { callers: CALLERS, seconds: 1 });
    // The quarter of a second that warms up is posted but not counted.
    left -= Math.max(1, Math.round(perSecond * 1.25));
  }
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
