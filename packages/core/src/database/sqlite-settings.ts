import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CompiledQuery, type DatabaseConnection } from 'kysely';

import { clientOf, nativeOf } from './client.ts';
import type { DriverSettings } from './driver-settings.ts';
import { beginOnSqlite } from './sqlite-transaction.ts';
import { EmbeddedSqliteDriver, type SqliteHandle } from './sqlite.ts';

const BUSY_TIMEOUT_MS = 20;

/** One file in this process: one connection, one writer. */
export function sqliteSettings(path: string): DriverSettings {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  return {
    name: 'sqlite',
    writersMax: 1,
    begin: async (orm) => beginOnSqlite(clientOf(orm), (await nativeOf(orm)) as SqliteHandle, orm.em.fork()),
    close: async () => {},
    orm: {
      driver: EmbeddedSqliteDriver,
      dbName: path,
      onCreateConnection: async (connection: unknown) => {
        const opened = connection as DatabaseConnection;
        for (const pragma of PRAGMAS) await opened.executeQuery(CompiledQuery.raw(`pragma ${pragma}`));
      },
    },
  };
}

/** WAL lets readers go on while one writes; FULL means that a commit which was answered survives a power cut. */
const PRAGMAS = [
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'trusted_schema = off',
  `busy_timeout = ${BUSY_TIMEOUT_MS}`,
];
