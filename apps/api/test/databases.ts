import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type _ProvidedPort from '@org/test-postgres/vitest-setup';
import pg from 'pg';
import { describe, inject } from 'vitest';

export type DatabaseName = 'sqlite' | 'postgresql';

/** Runs the same tests on SQLite and on a real PostgreSQL. */
export function describeOnEachDatabase(title: string, tests: (database: DatabaseName) => void): void {
  for (const database of ['sqlite', 'postgresql'] as const) {
    describe(`${title} (${database})`, () => {
      tests(database);
    });
  }
}

/** The URL of a new, empty database. */
export async function freshDatabase(name: DatabaseName): Promise<string> {
  return name === 'sqlite' ? `sqlite:${join(temporaryFolder(), 'users.sqlite')}` : freshPostgres();
}

let root: string | undefined;

/** A folder that is gone when the test process ends. */
export function temporaryFolder(): string {
  root ??= rootFolder();
  return mkdtempSync(join(root, 'test-'));
}

function rootFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'api-tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function freshPostgres(): Promise<string> {
  const server = `postgres://postgres:postgres@127.0.0.1:${inject('postgresPort')}`;
  const name = `api_${randomBytes(8).toString('hex')}`;
  const client = new pg.Client(`${server}/postgres`);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return `${server}/${name}`;
}
