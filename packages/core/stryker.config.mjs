/** Mutations of the ledger's state machine: `pnpm --filter @org/core mutation` fails when fewer than 90 % are noticed. */
export default {
  testRunner: 'vitest',
  // Named by its address: Stryker looks only beside itself, where pnpm puts nothing that is not its own.
  plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutate: ['src/credits/apply.ts', 'src/credits/apply/*.ts', 'src/credits/lots.ts'],
  reporters: ['clear-text', 'progress'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  thresholds: { high: 95, low: 90, break: 90 },
  // Stryker would rewrite it with TypeScript's own API, which TypeScript 7 has no more. Without a copy, the real one is found.
  tsconfigFile: 'none',
  ignorePatterns: ['tsconfig*.json', 'dist'],
  tempDirName: 'dist/.stryker',
};
