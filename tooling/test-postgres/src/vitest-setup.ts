import type { TestProject } from 'vitest/node';

import { startTestPostgres } from './index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresPort: number;
  }
}

/** One server for a whole test run; each test makes databases of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startTestPostgres();
  project.provide('postgresPort', postgres.port);
  return () => postgres.close();
}
