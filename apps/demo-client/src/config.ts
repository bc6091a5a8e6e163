export interface Config {
  readonly issuer: string;
  readonly audience: string;
  readonly host: string;
  readonly port: number;
}

/** The configuration from the environment, with defaults for a machine where the users service runs locally. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  return {
    issuer: environment['ISSUER'] || 'http://127.0.0.1:8000',
    audience: environment['AUDIENCE'] || 'users-service',
    host: environment['HOST'] || '127.0.0.1',
    port: parsePort(environment['PORT'] || '8100'),
  };
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new TypeError('PORT must be a whole number from 0 to 65535');
}
