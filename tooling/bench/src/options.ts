import { parseArgs } from 'node:util';

import type { Plan } from './measure.ts';

export interface Options {
  readonly plan: Plan;
  readonly processCounts: readonly number[];
  readonly write: boolean;
}

const full: Plan = { windowSeconds: 3, windows: 3, warmUpSeconds: 3 };
const quick: Plan = { windowSeconds: 2, windows: 1, warmUpSeconds: 2 };
const PROCESSES_MAX = 64;

/** `--quick`, `--processes 1,2`, `--write`. Throws with a message for people. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean' }, processes: { type: 'string' }, write: { type: 'boolean' } },
  });
  const { quick: isQuick = false, processes = isQuick ? '2' : '1,2', write = false } = values;
  return { plan: isQuick ? quick : full, processCounts: processes.split(',').map(processCount), write };
}

function processCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= PROCESSES_MAX) return count;
  throw new Error(`--processes takes numbers from 1 to ${PROCESSES_MAX} with commas between, such as 1,2`);
}
