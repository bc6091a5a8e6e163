/** The limit of sign-ins: checking passwords with all cores, and nothing else. */
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';

import { serveParent } from './parent.ts';

export interface Argon2Job {
  readonly memoryKib: number;
  readonly passes: number;
  readonly seconds: number;
}

export interface Argon2Result {
  readonly perSecond: number;
}

const PASSWORD = 'four grey geese';

serveParent(async ({ memoryKib, passes, seconds }: Argon2Job): Promise<Argon2Result> => {
  const hash = await argon2.hash(PASSWORD, { memoryCost: memoryKib, timeCost: passes, parallelism: 1 });
  const startedMs = performance.now();
  let count = 0;
  const keepChecking = async (): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1000) {
      await argon2.verify(hash, PASSWORD);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, keepChecking));
  return { perSecond: (count * 1000) / (performance.now() - startedMs) };
});
