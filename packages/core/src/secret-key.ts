import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, format, parse } from 'node:path';

import { randomToken, Secret } from './kernel/secrets.ts';

const SECRET_KEY_BYTES = 48;

/** Without a SECRET_KEY the signing keys can be neither made nor opened. */
export class SecretKeyMissing extends Error {
  constructor() {
    super('SECRET_KEY is required with PostgreSQL: it opens the signing keys. Make one with: openssl rand -base64 48');
  }
}

/**
 * The secret that belongs to a database: as given, or for an SQLite file the one kept beside it (`users.sqlite` has
 * `users.secret`), made at the first opening and readable by its owner only.
 *
 * @throws SecretKeyMissing for another database without a secret
 */
export function secretKeyFor(databaseUrl: string, given: Secret | undefined): Secret {
  if (given !== undefined) return given;
  if (!databaseUrl.startsWith('sqlite:')) throw new SecretKeyMissing();
  const path = databaseUrl.slice('sqlite:'.length);
  return path === ':memory:' ? new Secret(randomToken(SECRET_KEY_BYTES)) : readOrMake(secretFileBeside(path));
}

/** Where the secret of an SQLite file is kept. */
export function secretFileBeside(path: string): string {
  const { dir, name } = parse(path);
  return format({ dir, name, ext: '.secret' });
}

function readOrMake(path: string): Secret {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, randomToken(SECRET_KEY_BYTES), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return new Secret(readFileSync(path, 'utf8').trim());
}
