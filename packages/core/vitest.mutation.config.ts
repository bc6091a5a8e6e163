import { defineConfig } from 'vitest/config';

/** What mutations of the ledger's state machine are tried against: no database, so that each takes a second. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@org/source'] } },
  test: { include: ['src/credits/apply.test.ts'], testTimeout: 30_000 },
});
