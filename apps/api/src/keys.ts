/**
 * `npm run keys`, `npm run keys -- rotate [--emergency [--kid <kid>]]`: lists and rotates the signing keys of DATABASE_URL,
 * beside the running servers, which follow within a second. Reads the same variables as the server. Exit code 0: done,
 * 1: not done, and why in one line.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DatabaseUnavailable, DomainError, openCore, type Core, type KeyView } from '@org/core';

import { ConfigInvalid, readConfig, type Config } from './config.ts';
import { startFailure } from './start-failure.ts';

const USAGE = 'Usage: keys [list], or keys rotate [--emergency [--kid <kid>]]';

interface Order {
  command: string;
  emergency: boolean;
  kid: string | undefined;
}

function parseOrder(args: readonly string[]): Order {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { emergency: { type: 'boolean' }, kid: { type: 'string' } },
    allowPositionals: true,
  });
  const [command = 'list', ...rest] = positionals;
  const { emergency = false, kid } = values;
  const isUnderstood = rest.length === 0 && (command === 'rotate' || (command === 'list' && !emergency && !kid));
  if (!isUnderstood) throw new Error(USAGE);
  return { command, emergency, kid };
}

async function carryOut({ command, emergency, kid }: Order, config: Config): Promise<string[]> {
  const { databaseUrl, secretKey, secretKeyPrevious, settings } = config;
  await using core = await openCore({ databaseUrl: databaseUrl.reveal(), secretKey, secretKeyPrevious, settings });
  if (command === 'list') return await list(core);
  return [(await core.keys.rotate({ emergency, kid })).effect];
}

/** To open a file that does not exist would make an empty database, whose keys nobody uses. */
function requireDatabase({ databaseUrl }: Config): void {
  const [, file] = /^sqlite:(.+)$/.exec(databaseUrl.reveal()) ?? [];
  if (file !== undefined && !existsSync(file)) throw new Error(`There is no database ${file}. Set DATABASE_URL.`);
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

let config: Config | undefined;
try {
  const order = parseOrder(process.argv.slice(2));
  if (existsSync('.env')) process.loadEnvFile('.env');
  const read = readConfig();
  requireDatabase(read);
  config = read;
  process.stdout.write(`${(await carryOut(order, config)).join('\n')}\n`);
} catch (error) {
  process.stderr.write(`${failure(error, config)}\n`);
  process.exitCode = 1;
}
