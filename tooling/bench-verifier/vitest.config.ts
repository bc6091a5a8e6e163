import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@org/source', 'node'] } },
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 },
});
