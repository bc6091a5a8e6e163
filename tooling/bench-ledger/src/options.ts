import { parseArgs } from 'node:util';

export interface Options {
  /** How long each rate is measured. */
  readonly seconds: number;
  readonly write: boolean;
  /** Postings after which the memory must be what it was; 0 leaves that out. */
  readonly memoryPostings: number;
  /** Which parts to run: `postgresql`, `sqlite`. */
  readonly databases: readonly string[];
}

const MEMORY_POSTINGS = 1_000_000;

/** `--quick`, `--write`, `--memory`, `--only postgresql`. Throws with a message for people. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  return {
    seconds: values.quick ? 2 : 6,
    write: values.write,
    memoryPostings: values.memory ? MEMORY_POSTINGS : 0,
    databases: values.only === undefined ? ['postgresql', 'sqlite'] : [values.only],
  };
}
