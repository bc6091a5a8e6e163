import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { ConfigInvalid, environment, readConfig } from './config.ts';
import { configurationGuide, envExample } from './describe-environment.ts';

const STRONG = 'kR7-vW2x_Qp9Lm4Zt8Yb3Nc6Hd1Fg5Js';

function problemsOf(variables: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
}

describe('configuration', () => {
  it('has a default for everything, on this machine only', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      webConcurrency: 1,
      trustProxy: false,
      corsOrigins: [],
    });
    expect(config.settings).toMatchObject({
      issuer: 'http://127.0.0.1:8000',
      audience: 'users-service',
      accessTokenTtlSeconds: 900,
    });
    expect(config.databaseUrl.reveal()).toBe('sqlite:./data/users.sqlite');
  });

  it('names every problem at once, one line for each variable, without the values', () => {
    const problems = problemsOf({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      DATABASE_URL: 'mysql://root:hunter2@db',
      ADMIN_PASSWORD: 'short',
    });
    expect(problems).toEqual([
      'DATABASE_URL must begin with sqlite: or postgres://',
      'PORT must be a whole number from 1 to 65535',
      'ADMIN_PASSWORD must have at least 8 characters',
      'LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent',
    ]);
  });

  it.each([
    { DATABASE_URL: 'postgres://postgres:hun/ter2@127.0.0.1:5432/users' },
    { DATABASE_URL: 'postgres://postgres:hun@ter/x@127.0.0.1:5432/users' },
    { DATABASE_URL: 'postgres://postgres:5?ter2@127.0.0.1:5432/users' },
    { DATABASE_URL: 'postgres://postgres:5#ter2@127.0.0.1:5432/users' },
    { DATABASE_URL: 'postgres://127.0.0.1:99999/users' },
    { DATABASE_URL: 'postgres://127.0.0.1:port/users' },
    { WEB_CONCURRENCY: '2', DATABASE_URL: 'sqlite::memory:' },
    { PORT: '0' },
    { PORT: '65536' },
    { PORT: '80.5' },
    { PORT: '0x50' },
    { ISSUER: 'https://sso.example.org/' },
    { ISSUER: 'https://sso.example.org/path' },
    { ISSUER: 'sso.example.org' },
    { CORS_ORIGINS: '*' },
    { CORS_ORIGINS: 'https://app.example.org/' },
    { HOME_URL: 'javascript:alert(1)' },
    { TRUST_PROXY: 'true' },
    { TRUST_PROXY: '10.0.0.0/33' },
    { TRUST_PROXY: '0.0.0.0/0' },
    { SECRET_KEY: 'short' },
    { SECRET_KEY_PREVIOUS: 'short' },
    { KEY_ROTATION_SECONDS: '60' },
    { WEB_CONCURRENCY: '0' },
    { ARGON2_MEMORY_KIB: '64' },
    { JWT_ALGORITHM: 'HS256' },
  ])('%j is refused', (variables) => {
    expect(problemsOf(variables)).toEqual([expect.stringMatching(new RegExp(`^${Object.keys(variables)[0]} must `))]);
  });

  it('an empty variable counts as absent', () => {
    expect(readConfig({ PORT: '', SECRET_KEY: '' })).toMatchObject({ port: 8000, secretKey: undefined });
  });

  it.each([
    { DATABASE_URL: 'postgres://u:hun%2Fter%402@[::1]:5432/users?sslmode=require' },
    { DATABASE_URL: 'postgresql:///users?host=/var/run/postgresql' },
    { DATABASE_URL: 'postgres://db' },
    { DATABASE_URL: 'sqlite::memory:' },
    { DATABASE_URL: 'sqlite:./data/users.sqlite', WEB_CONCURRENCY: '2' },
  ])('%j is taken', (variables) => expect(problemsOf(variables)).toEqual([]));

  it('an address that is every address is not the issuer', () => {
    for (const HOST of ['0.0.0.0', '::']) {
      expect(readConfig({ HOST, PORT: '8080' }).settings.issuer).toBe('http://127.0.0.1:8080');
    }
    expect(readConfig({ HOST: '::1' }).settings.issuer).toBe('http://[::1]:8000');
  });

  it.each([
    [{}, 'SECRET_KEY is required in production'],
    [{ SECRET_KEY: 'a'.repeat(40) }, 'SECRET_KEY looks like an example'],
    [{ SECRET_KEY: 'change-me-change-me-change-me-0123456789' }, 'SECRET_KEY looks like an example'],
    [{ SECRET_KEY: STRONG, SERVICE_API_TOKEN: 'aaaaaaaaaaaaaaaaaaaa' }, 'SERVICE_API_TOKEN looks like an example'],
  ])('production refuses %j', (variables, problem) => {
    const ISSUER = 'https://sso.example.org';
    expect(problemsOf({ NODE_ENV: 'production', ISSUER, ...variables })).toEqual([expect.stringContaining(problem)]);
  });

  it('production asks for the address that tokens are from', () => {
    const problems = problemsOf({ NODE_ENV: 'production', SECRET_KEY: STRONG, HOST: '0.0.0.0' });
    expect(problems).toEqual([expect.stringMatching(/^ISSUER is required in production/)]);
  });

  it('production takes a strong secret', () => {
    expect(
      readConfig({ NODE_ENV: 'production', SECRET_KEY: STRONG, ISSUER: 'https://sso.example.org' }).production,
    ).toBe(true);
  });

  it('secrets do not show, however the configuration is written out', () => {
    const secrets = {
      SECRET_KEY: STRONG,
      SECRET_KEY_PREVIOUS: 'previous-secret-previous-secret-01',
      ADMIN_PASSWORD: 'hunter2-hunter2',
      SERVICE_API_TOKEN: 'status-token-0123456789',
      DATABASE_URL: 'postgres://u:dbsecret@h/d',
    };
    const config = readConfig(secrets);
    const written = `${JSON.stringify(config)} ${inspect(config, { depth: 9 })} ${String(config.secretKey)}`;
    for (const secret of [STRONG, 'previous-secret', 'hunter2', 'status-token', 'dbsecret'])
      expect(written).not.toContain(secret);
  });

  it('the documentation says what the schema says', () => {
    const read = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(read('.env.example')).toBe(envExample());
    expect(read('docs/guides/configuration.md')).toBe(configurationGuide());
    for (const name of Object.keys(environment.shape)) expect(envExample()).toContain(`#${name}=`);
  });

  it('the example leads to the defaults', () => {
    const lines = [...envExample().matchAll(/^#([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]);
    expect(readConfig(Object.fromEntries(lines) as NodeJS.ProcessEnv)).toEqual(readConfig({}));
  });
});
