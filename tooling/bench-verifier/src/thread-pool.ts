import { hash } from 'argon2';
import { createField } from './candidates.ts';
import { freshCopy, percentile, type Times } from './windows.ts';

const hashesInFlight = 8;

/**
 * The 99th percentile of one verification, in milliseconds, while eight passwords are hashed without end: argon2 and
 * WebCrypto share four threads, and what waits for one of them waits for the hashes.
 */
export async function p99BesideHashes(samples: number): Promise<Times> {
  const { issuer, candidates } = await createField('RS256', false);
  const tokens = Array.from({ length: 50 }, () => issuer.mint());
  const hashing = new AbortController();
  const hashers = Array.from({ length: hashesInFlight }, async () => {
    while (!hashing.signal.aborted)
      await hash('correct horse battery staple', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  });
  const results = new Map<string, number>();
  for (const { name, verify } of candidates) {
    const durations: number[] = [];
    for (let i = 0; i < samples; i++) {
      const token = freshCopy(tokens[i % tokens.length] ?? '');
      const startedMs = performance.now();
      await verify(token);
      durations.push(performance.now() - startedMs);
      await new Promise(setImmediate); // Lets the hashes go on, as between two requests.
    }
    results.set(name, percentile(durations, 0.99));
  }
  hashing.abort();
  await Promise.all(hashers);
  return results;
}
