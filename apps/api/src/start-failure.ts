import { DatabaseUnavailable, DomainError, SecretKeyMissing, SecretKeyWrong } from '@org/core';

import type { Config } from './config.ts';

/** Why the server could not start, in one line that says what to do. */
export function startFailure(error: unknown, { host, port, databaseUrl }: Config): string {
  const { code, message, path } = rootOf(error);
  const database = withoutPassword(databaseUrl.reveal());
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is in use. Stop the other program, or set PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND_HOST') return `${host} is no address of this machine. Set HOST.`;
  if (error instanceof SecretKeyMissing || error instanceof SecretKeyWrong) return error.message;
  if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOSPC|EISDIR)$/.test(code))
    return notWritable(path ?? database, code, port);
  if (error instanceof DatabaseUnavailable || code.startsWith('SQLITE_') || /^[0-9A-Z]{5}$/.test(code)) {
    return `The database ${database} cannot be used: ${oneLine(message) || code}. Check DATABASE_URL.`;
  }
  if (error instanceof DomainError) return `Setup failed: ${oneLine(error.message)}`;
  return `The server could not start: ${oneLine(message)}`;
}

function notWritable(path: string, code: string, port: number): string {
  if (code === 'EACCES' && path === '') return `Port ${port} needs more rights. Set PORT to 1024 or above.`;
  return `${path} cannot be written (${code}). Change its rights, or set DATABASE_URL to another place.`;
}

interface Root {
  code: string;
  message: string;
  path?: string;
}

function rootOf(error: unknown): Root {
  let at: unknown = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (at instanceof AggregateError && at.errors[0] instanceof Error) at = at.errors[0];
  const { code = '', message = String(at), path } = at as Partial<Root>;
  return { code, message, ...(path !== undefined && { path }) };
}

function oneLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
}

/** `postgres://user:password@host/name` without what must not be printed. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
}
