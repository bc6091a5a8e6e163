import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@org/test-postgres/vitest-setup';
import pg from 'pg';
import { describe, inject } from 'vitest';

export interface FreshDatabase {
  readonly name: 'sqlite' | 'postgresql';
  /** A new, empty database of this kind. */
  url(): Promise<string>;
}

/** The databases that every promise is tested on. */
export const databases: readonly FreshDatabase[] = [
  { name: 'sqlite', url: async () => `sqlite:${join(temporaryFolder(), 'test.sqlite')}` },
  { name: 'postgresql', url: () => freshPostgres() },
];

/** Runs the same tests on SQLite and on a real PostgreSQL. */
export function describeOnEachDatabase(title: string, tests: (database: FreshDatabase) => void): void {
  for (const database of databases) {
    describe(`${title} (${database.name})`, () => {
      tests(database);
    });
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'core-test-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function freshPostgres(): Promise<string> {
  const server = `postgres://postgres:postgres@127.0.0.1:${inject('postgresPort')}`;
  const name = `test_${randomBytes(8).toString('hex')}`;
  const client = new pg.Client(`${server}/postgres`);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `${server}/${name}`;
}
