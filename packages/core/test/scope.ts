import { createPostingEngine } from '../src/credits/index.ts';
import { openDatabase } from '../src/database/index.ts';
import { idSource } from '../src/kernel/ids.ts';
import { createLimiter } from '../src/kernel/limiter.ts';
import { createVault, Secret } from '../src/kernel/secrets.ts';
import { SCRIPT, type Context, type Scope } from '../src/scope.ts';
import { defaultSettings, type Settings } from '../src/settings.ts';

export const TEST_SECRET = 'test-secret-key-that-is-long-enough-0001';

/** A clock that stands still until it is told to move. */
export interface TestClock {
  (): Date;
  set(time: string | Date): void;
  /** Time passes. */
  advanceSeconds(seconds: number): void;
  /** Somebody sets the time of day; no time passes. */
  jumpSeconds(seconds: number): void;
  /** How much time has passed. */
  elapsedMs(): number;
}

export function testClock(start = '2026-01-15T12:00:00.000Z'): TestClock {
  let now = new Date(start);
  let elapsedMs = 0;
  const move = (seconds: number): void => void (now = new Date(now.getTime() + seconds * 1000));
  return Object.assign(() => new Date(now), {
    set: (time: string | Date) => void (now = new Date(time)),
    advanceSeconds(seconds: number) {
      move(seconds);
      elapsedMs += seconds * 1000;
    },
    jumpSeconds: move,
    elapsedMs: () => elapsedMs,
  });
}

export type TestScope = Scope & { readonly now: TestClock; close(): Promise<void> };

/** A migrated database with everything a use case needs, and cheap password hashes. */
export async function openTestScope(
  url: string,
  options: { settings?: Partial<Settings>; context?: Context; poolMax?: number } = {},
): Promise<TestScope> {
  const now = testClock();
  const database = await openDatabase(url, options.poolMax === undefined ? {} : { poolMax: options.poolMax });
  await database.migrate();
  const base = {
    database,
    settings: { ...defaultSettings, argon2MemoryKib: 1024, argon2Passes: 1, ...options.settings },
    now,
    elapsedMs: now.elapsedMs,
    newId: idSource(now),
    vault: createVault(new Secret(TEST_SECRET)),
    hashing: createLimiter({ concurrency: 2, waitMsMax: 2_000 }),
    context: options.context ?? SCRIPT,
  };
  const postings = createPostingEngine(base, { lanes: database.writersMax });
  const close = async (): Promise<void> => {
    await postings.close();
    await database.close();
  };
  return { ...base, postings, close };
}
