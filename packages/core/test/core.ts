import { onTestFinished } from 'vitest';

import { openCore, Secret, type Core, type OpenCoreOptions } from '../src/index.ts';
import { TEST_SECRET, testClock, type TestClock } from './scope.ts';

export const PASSWORD = 'correct horse battery staple';

/** A core on a database of its own with a clock that stands still, closed when the test is over. */
export async function openTestCore(
  databaseUrl: string,
  options: Partial<OpenCoreOptions> = {},
): Promise<{ core: Core; clock: TestClock }> {
  const clock = testClock();
  const core = await openCore({
    databaseUrl,
    secretKey: new Secret(TEST_SECRET),
    clock,
    elapsedMs: clock.elapsedMs,
    ...options,
    // Cheap hashes and keys: what they cost in earnest is measured by the benchmarks.
    settings: { argon2MemoryKib: 1024, argon2Passes: 1, signingAlgorithm: 'ES256', ...options.settings },
  });
  onTestFinished(() => core.close());
  await core.setup({ adminEmail: 'admin@example.org', adminPassword: new Secret(PASSWORD) });
  return { core, clock };
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
