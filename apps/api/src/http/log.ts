import { destination, pino, type Logger } from 'pino';

import type { Config } from '../config.ts';
import { rootCause } from '../root-cause.ts';
import { readableLines } from './readable-log.ts';

const BUFFER_BYTES = 4_096;
const FLUSH_MS = 250;

/** JSON lines on stdout; on a terminal, lines for people. Secrets are left out by name as well, should one ever get here. */
export function createLog(
  { logLevel, production }: Pick<Config, 'logLevel' | 'production'>,
  output = process.stdout,
): Logger {
  const options = {
    level: logLevel,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[secret]' },
  };
  if (output.isTTY && !production) return pino(options, readableLines(output));
  // Lines are collected for up to 250 ms: one write for many requests.
  return pino(options, destination({ fd: output.fd, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS, sync: true }));
}

const secretNames = ['password', 'access_token', 'refresh_token', 'client_secret', 'authorization', 'cookie', 'secret'];
const REDACTED = secretNames.flatMap((name) => [name, `*.${name}`]);

const TEXT_LENGTH_MAX = 300;

/** An error as it may stand in a log: the innermost message and where it came from. Outer ones quote statements and values. */
export function loggable(error: unknown): object {
  const root = rootCause(error);
  const code = 'code' in root && typeof root.code === 'string' ? root.code : undefined;
  const frames = (root.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: root.name,
    code,
    message: root.message.slice(0, TEXT_LENGTH_MAX),
    at: frames.slice(0, 8).map((frame) => frame.trim()),
  };
}
