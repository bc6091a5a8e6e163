import { expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';

test('an empty environment means the users service on this machine', () => {
  const local = { issuer: 'http://127.0.0.1:8000', audience: 'users-service', host: '127.0.0.1', port: 8100 };
  expect(readConfig({})).toEqual(local);
  expect(readConfig({ ISSUER: '', AUDIENCE: '', HOST: '', PORT: '' })).toEqual(local);
});

test('every value can be set', () => {
  const environment = { ISSUER: 'https://sso.example.com', AUDIENCE: 'demo', HOST: '::1', PORT: '0' };
  expect(readConfig(environment)).toEqual({
    issuer: 'https://sso.example.com',
    audience: 'demo',
    host: '::1',
    port: 0,
  });
});

test.each(['http', '-1', '65536', '8100.5', '1e3', ' 8100'])('PORT "%s" is refused', (PORT) => {
  expect(() => readConfig({ PORT })).toThrow('PORT must be a whole number from 0 to 65535');
});
