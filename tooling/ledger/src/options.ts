import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Secret } from '@org/core';

export interface Options {
  readonly databaseUrl: string;
  readonly secretKey: Secret | undefined;
  readonly whole: boolean;
  readonly repair: boolean;
}

const DATABASE_URL_DEFAULT = 'sqlite:./data/users.sqlite';

/**
 * What was asked for, of which database.
 *
 * @throws Error for an option that does not exist, and for a file that does not: opening it would make an empty ledger,
 * in which there is nothing wrong
 */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { whole: { type: 'boolean' }, 'repair-projections': { type: 'boolean' } },
  });
  const databaseUrl = environment['DATABASE_URL'] || DATABASE_URL_DEFAULT;
  const [, file] = /^sqlite:(.+)$/.exec(databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file)) throw new Error(`There is no database ${file}. Set DATABASE_URL.`);
  const secretKey = environment['SECRET_KEY'];
  const repair = values['repair-projections'] ?? false;
  return {
    databaseUrl,
    secretKey: secretKey ? new Secret(secretKey) : undefined,
    whole: values.whole ?? false,
    repair,
  };
}
