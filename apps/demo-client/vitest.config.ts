import { defineConfig } from 'vitest/config';

// Without `import`: Vitest hands these to Node, where it would also apply to require() inside dependencies.
const conditions = ['@org/source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Keys are generated and processes started for real: room for a busy machine.
  test: { include: ['test/**/*.test.ts'], testTimeout: 20_000 },
});
