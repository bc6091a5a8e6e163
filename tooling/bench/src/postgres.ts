/** A PostgreSQL of our own, with `fsync` on: a commit that was answered is on the disk. Removed when the parent is gone. */
import { startTestPostgres, type TestPostgres } from '@org/test-postgres';

import { serveParent } from './parent.ts';

let postgres: TestPostgres | undefined;

serveParent(
  async () => {
    postgres = await startTestPostgres({ fsync: 'on' });
    return { databaseUrl: await postgres.createDatabase('bench') };
  },
  async () => postgres?.close(),
);
