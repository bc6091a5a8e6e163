import { DatabaseUnavailable, DomainError } from '../kernel/errors.ts';

/** PostgreSQL's SQLSTATEs and SQLite's codes for a transaction that lost a race and may be run again whole. */
const RETRYABLE = new Set(['40001', '40P01', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT']);

/** Connection refused, reset, timed out; server shutting down, starting, out of connections. */
const UNAVAILABLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT|57P0[123]|08\d{3}|53300|57014|55P03|SQLITE_(CANTOPEN|IOERR|FULL|READONLY|CORRUPT|NOTADB).*)$/;
const UNAVAILABLE_MESSAGE =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|the database connection is not open|connection ended unexpectedly/i;

/** Somebody keeps a row for longer than a batch waits: whoever else is in the batch has nothing to do with it. */
export function isLocked(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** The connection went while it was used, so that what was not committed is undone, and another one may do. */
export function isConnectionLost(error: unknown): boolean {
  return /^(ECONNRESET|EPIPE|57P01|57P02|08006)$/.test(codeOf(error)) || CONNECTION_LOST.test(rootOf(error).message);
}

const CONNECTION_LOST =
  /connection terminated|connection ended unexpectedly|client has encountered a connection error/i;

export function mayRetry(error: unknown): boolean {
  return RETRYABLE.has(codeOf(error));
}

/** Turns whatever says "the database is not there" into DatabaseUnavailable; leaves every other error alone, ours among them. */
export function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  return isUnavailable(error) || mayRetry(error) ? new DatabaseUnavailable(error) : error;
}

/** Whether a unique index or primary key refused a row. @param name part of the index's or its column's name */
export function isUniqueViolation(error: unknown, name: string): boolean {
  const code = codeOf(error);
  if (code !== '23505' && !code.startsWith('SQLITE_CONSTRAINT_')) return false;
  return rootOf(error).message.includes(name) || constraintOf(error).includes(name);
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return UNAVAILABLE.test(codeOf(error)) || UNAVAILABLE_MESSAGE.test(rootOf(error).message);
}

/** MikroORM wraps the driver's error: the first `code` down the chain of causes is the database's. */
export function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}

function constraintOf(error: unknown): string {
  return error instanceof Error && 'constraint' in error && typeof error.constraint === 'string'
    ? error.constraint
    : '';
}

function rootOf(error: unknown): Error {
  let at = error instanceof Error ? error : new Error(String(error));
  while (at.cause instanceof Error) at = at.cause;
  return at;
}
