/**
 * `npm run keys`, `npm run keys -- rotate [--emergency [--kid <kid>]]`: lists and rotates the signing keys of DATABASE_URL,
 * beside the running servers, which follow within a second. Reads the same variables as the server. Exit code 0: done,
 * 1: not done, and why in one line.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DatabaseUnavailable, DomainError, openCore, secretFileBeside, type Core, type KeyView } from '@org/core';

import { ConfigInvalid, readConfig, type Config } from './config.ts';
import { startFailure } from './start-failure.ts';

const USAGE = 'Usage: keys [list], or keys rotate [--emergency [--kid <kid>]]';

interface Order {
  command: string;
  emergency: boolean;
  kid: string | undefined;
}

function parseOrder(args: readonly string[]): Order {
  const { values, positionals } = parsed(args);
  const [command = 'list', ...rest] = positionals;
  const { emergency = false, kid } = values;
  const isUnderstood = rest.length === 0 && (command === 'rotate' || (command === 'list' && !emergency));
  if (!isUnderstood || (kid !== undefined && !emergency)) throw new Error(USAGE);
  return { command, emergency, kid };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { emergency: { type: 'boolean' }, kid: { type: 'string' } },
      allowPositionals: true,
    });
  } catch {
    throw new Error(USAGE);
  }
}

async function carryOut({ command, emergency, kid }: Order, config: Config): Promise<string[]> {
  const { databaseUrl, secretKey, secretKeyPrevious, settings } = config;
  await using core = await openCore({ databaseUrl: databaseUrl.reveal(), secretKey, secretKeyPrevious, settings });
  if (command === 'list') return await list(core);
  return [(await core.keys.rotate({ emergency, kid })).effect];
}

/**
 * To open a file that does not exist would make an empty database, whose keys nobody uses; and to open one without its
 * secret would make a wrong one, where the right one belongs.
 */
function requireDatabase({ databaseUrl, secretKey }: Config): void {
  const [, file] = /^sqlite:(.+)$/.exec(databaseUrl.reveal()) ?? [];
  if (file === undefined) return;
  if (!existsSync(file)) {
    throw new Error(`There is no database ${file}. Set DATABASE_URL, or start the server once: npm start.`);
  }
  const secretFile = secretFileBeside(file);
  if (secretKey === undefined && !existsSync(secretFile)) {
    throw new Error(
      `There is no ${secretFile}, which seals the keys of that database. Put it back, or set SECRET_KEY.`,
    );
  }
}

async function list(core: Core): Promise<string[]> {
  const keys = await core.keys.list();
  return keys.length === 0 ? ['There are no keys yet: the first start of the server makes one.'] : keys.map(sayKey);
}

function sayKey({ kid, algorithm, state, ...key }: KeyView): string {
  const since = {
    next: `signs from ${key.activeFrom.toISOString()} on`,
    active: `signs since ${key.activeFrom.toISOString()}`,
    retiring: `signs no more since ${key.retiringFrom?.toISOString()}`,
    gone: `gone since ${key.goneFrom?.toISOString()}`,
  } satisfies Record<KeyView['state'], string>;
  return `${kid}  ${algorithm}  ${state.padEnd('retiring'.length)}  ${since[state]}`;
}

/** What was wrong, in one line for each thing. */
function failure(error: unknown, config: Config | undefined): string {
  if (error instanceof ConfigInvalid) return error.problems.join('\n');
  const isAnswer = error instanceof DomainError && !(error instanceof DatabaseUnavailable);
  return config === undefined || isAnswer ? (error as Error).message : startFailure(error, config);
}

// Whoever reads only the first line is not told about the rest.
process.stdout.on('error', () => {});
let config: Config | undefined;
try {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const order = parseOrder(args);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const read = readConfig();
  requireDatabase(read);
  config = read;
  process.stdout.write(`${(await carryOut(order, config)).join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${failure(error, config)}\n`);
  process.exitCode = 1;
}
