import type { Settings } from '@org/core';
import { Secret } from '@org/core';
import { z } from 'zod';

import * as value from './environment-values.ts';

/** Every variable that the server reads, in the order of the documentation. Nothing else reads the environment. */
export const environment = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development')
    .meta({
      description:
        'In `production` a weak or missing SECRET_KEY and a missing ISSUER are refused, and logs are always JSON.',
    }),
  DATABASE_URL: value
    .databaseUrl()
    .default(new Secret('sqlite:./data/users.sqlite'))
    .meta({ description: 'Where everything is kept: `sqlite:<path>` or `postgres://user:password@host/database`.' }),
  HOST: value.text(253).default('127.0.0.1').meta({ description: 'The address to listen on.' }),
  PORT: value.wholeNumber(1, 65_535).default(8000).meta({ description: 'The port to listen on.' }),
  ISSUER: value.baseUrl().optional().meta({
    description: 'The public base URL: the `iss` of every token. Default: `http://HOST:PORT`; required in production.',
  }),
  SECRET_KEY: value
    .secret(32)
    .optional()
    .meta({
      description:
        'Encrypts private keys and derives tokens; at least 32 characters (`openssl rand -base64 48`). ' +
        'On SQLite in development one is made and kept beside the file.',
    }),
  SECRET_KEY_PREVIOUS: value.secret(32).optional().meta({
    description:
      'The SECRET_KEY before this one, for one start after a change: what it sealed is opened and sealed anew.',
  }),
  JWT_AUDIENCE: value
    .text(200)
    .default('users-service')
    .meta({ description: 'The `aud` of tokens from a direct sign-in.' }),
  JWT_ALGORITHM: z
    .enum(['RS256', 'ES256', 'PS256'], 'must be RS256, ES256 or PS256')
    .default('RS256')
    .meta({ description: 'How new access tokens are signed: RS256, ES256 or PS256.' }),
  KEY_ROTATION_SECONDS: value
    .wholeNumber(3_600, 31_536_000)
    .default(2_592_000)
    .meta({ description: 'How long a key signs before a successor is made.' }),
  ACCESS_TOKEN_TTL_SECONDS: value
    .wholeNumber(60, 86_400)
    .default(900)
    .meta({ description: 'How long an access token lives.' }),
  REFRESH_TOKEN_IDLE_SECONDS: value
    .wholeNumber(60, 31_536_000)
    .default(2_592_000)
    .meta({ description: 'A session that is not refreshed for this long has ended.' }),
  REFRESH_TOKEN_ABSOLUTE_SECONDS: value
    .wholeNumber(60, 157_680_000)
    .default(7_776_000)
    .meta({ description: 'A session ends after this long, however often it is refreshed.' }),
  ADMIN_EMAIL: value
    .text(254)
    .default('admin@example.org')
    .meta({ description: 'The first admin, made at the first start.' }),
  ADMIN_PASSWORD: value
    .secret(8)
    .optional()
    .meta({ description: "The first admin's password. Without it one is made and printed once." }),
  PASSWORD_LENGTH_MIN: value
    .wholeNumber(8, 128)
    .default(8)
    .meta({ description: 'The shortest password, in characters.' }),
  ARGON2_MEMORY_KIB: value
    .wholeNumber(1_024, 1_048_576)
    .default(19_456)
    .meta({ description: 'Memory of one password hash.' }),
  ARGON2_PASSES: value.wholeNumber(1, 16).default(2).meta({ description: 'Passes of one password hash.' }),
  SERVICE_API_TOKEN: value.secret(16).optional().meta({
    description: 'What monitors send as `X-Status-Token` to `/api/status`. Without it that address does not exist.',
  }),
  HOME_URL: value.webAddress().optional().meta({ description: 'Where `/` leads. Without it a landing page is shown.' }),
  CORS_ORIGINS: value.origins().default([]).meta({
    description: 'Web origins whose pages may call the API, comma-separated, exact (`https://app.example.org`).',
  }),
  TRUST_PROXY: value.trustedProxies().default(false).meta({
    description:
      'Whose `X-Forwarded-For` is believed: the number of proxies in front, or their addresses (`10.0.0.0/8, loopback`).',
  }),
  WEB_CONCURRENCY: value
    .wholeNumber(1, 64)
    .default(1)
    .meta({ description: 'How many processes serve on this machine. `sqlite::memory:` allows one.' }),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info')
    .meta({ description: 'The least important log line that is written.' }),
});

type Variables = z.infer<typeof environment>;

/** What the doors need to know; everything about tokens and passwords is in `settings`. */
export interface Config {
  production: boolean;
  databaseUrl: Secret;
  secretKey: Secret | undefined;
  secretKeyPrevious: Secret | undefined;
  host: string;
  port: number;
  settings: Partial<Settings> & Pick<Settings, 'issuer' | 'audience'>;
  admin: { email: string; password: Secret | undefined };
  statusToken: Secret | undefined;
  homeUrl: string | undefined;
  corsOrigins: readonly string[];
  trustProxy: false | number | readonly string[];
  webConcurrency: number;
  logLevel: Variables['LOG_LEVEL'];
}

/** Everything that is wrong with the environment, one line for each variable. */
export class ConfigInvalid extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Reads the configuration. An empty variable counts as absent. @throws ConfigInvalid naming every problem at once */
export function readConfig(variables: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, text]) => text !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigInvalid(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
  }
  const problems = [...contradictions(parsed.data), ...productionProblems(parsed.data)];
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return configOf(parsed.data);
}

function configOf(given: Variables): Config {
  return {
    production: given.NODE_ENV === 'production',
    databaseUrl: given.DATABASE_URL,
    secretKey: given.SECRET_KEY,
    secretKeyPrevious: given.SECRET_KEY_PREVIOUS,
    host: given.HOST,
    port: given.PORT,
    settings: settingsOf(given),
    admin: { email: given.ADMIN_EMAIL, password: given.ADMIN_PASSWORD },
    statusToken: given.SERVICE_API_TOKEN,
    homeUrl: given.HOME_URL,
    corsOrigins: given.CORS_ORIGINS,
    trustProxy: given.TRUST_PROXY,
    webConcurrency: given.WEB_CONCURRENCY,
    logLevel: given.LOG_LEVEL,
  };
}

function settingsOf(given: Variables): Config['settings'] {
  return {
    issuer: given.ISSUER ?? `http://${issuerHost(given.HOST)}:${given.PORT}`,
    audience: given.JWT_AUDIENCE,
    signingAlgorithm: given.JWT_ALGORITHM,
    keyRotationSeconds: given.KEY_ROTATION_SECONDS,
    accessTokenTtlSeconds: given.ACCESS_TOKEN_TTL_SECONDS,
    refreshTokenIdleSeconds: given.REFRESH_TOKEN_IDLE_SECONDS,
    refreshTokenAbsoluteSeconds: given.REFRESH_TOKEN_ABSOLUTE_SECONDS,
    passwordLengthMin: given.PASSWORD_LENGTH_MIN,
    argon2MemoryKib: given.ARGON2_MEMORY_KIB,
    argon2Passes: given.ARGON2_PASSES,
  };
}

/** "Every address of this machine" is no address that a token could be from. */
function issuerHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Variables that are fine alone and not together. */
function contradictions({ DATABASE_URL, WEB_CONCURRENCY }: Variables): string[] {
  if (WEB_CONCURRENCY === 1 || DATABASE_URL.reveal() !== 'sqlite::memory:') return [];
  return ['WEB_CONCURRENCY must be 1 with sqlite::memory:, since each process would have a database of its own'];
}

/** What may pass on a developer's machine and never in production. */
function productionProblems(given: Variables): string[] {
  if (given.NODE_ENV !== 'production') return [];
  const make = 'make one with: openssl rand -base64 48';
  const secrets = { SECRET_KEY: given.SECRET_KEY, SERVICE_API_TOKEN: given.SERVICE_API_TOKEN };
  const weak = Object.entries(secrets)
    .filter(([, secret]) => secret !== undefined && value.isGuessable(secret.reveal()))
    .map(([name]) => `${name} looks like an example or repeats itself; ${make}`);
  return [
    ...(given.ISSUER === undefined ? ['ISSUER is required in production, such as https://sso.example.org'] : []),
    ...(given.SECRET_KEY === undefined ? [`SECRET_KEY is required in production; ${make}`] : []),
    ...weak,
  ];
}
