import { DatabaseUnavailable, DomainError, SecretKeyMissing, SecretKeyWrong } from '@org/core';

import type { Config } from './config.ts';
import { rootCause } from './root-cause.ts';

/** Why the server could not start, in one line that says what to do. */
export function startFailure(error: unknown, { host, port, databaseUrl }: Config): string {
  const root: NodeJS.ErrnoException = rootCause(error);
  const { code = '', message, path, syscall } = root;
  const database = locationOf(databaseUrl.reveal());
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is in use. Stop the other program, or set PORT.`;
  if (syscall === 'listen' && code === 'EACCES') return `Port ${port} needs more rights. Set PORT to 1024 or above.`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine. Set HOST.`;
  if (error instanceof SecretKeyMissing || error instanceof SecretKeyWrong) return error.message;
  if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOSPC|EISDIR)$/.test(code))
    return `${path ?? database} cannot be written (${code}). Change its rights, or set DATABASE_URL to another place.`;
  if (error instanceof DatabaseUnavailable || code.startsWith('SQLITE_') || /^[0-9A-Z]{5}$/.test(code)) {
    return `The database ${database} cannot be used: ${oneLine(message) || code}. Check DATABASE_URL.`;
  }
  if (error instanceof DomainError) return `Setup failed: ${oneLine(error.message)}`;
  return `The server could not start: ${oneLine(message)}`;
}

function oneLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
}

/** The file, or host, port and name: whatever else a URL holds may be secret. */
function locationOf(databaseUrl: string): string {
  if (databaseUrl.startsWith('sqlite:')) return databaseUrl;
  const { host, pathname } = new URL(databaseUrl);
  return `postgres://${host}${pathname}`;
}
