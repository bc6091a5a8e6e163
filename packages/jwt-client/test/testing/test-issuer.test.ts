import { describe, expect, test } from 'vitest';
import { type Algorithm, createVerifier } from '../../src/index.ts';
import { createTestIssuer, startTestIssuer } from '../../src/testing/index.ts';
import { start, testClock, verdictOf } from '../setting.ts';

test.each<Algorithm>(['RS256', 'PS256', 'ES256'])('mints %s tokens that a verifier accepts', async (algorithm) => {
  const issuer = createTestIssuer({ algorithm });
  await expect(createVerifier(issuer.verifierOptions).verify(issuer.mint({ sub: 'ada' }))).resolves.toMatchObject({
    subject: 'ada',
  });
});

function decode(token: string): unknown[] {
  const parts = token.split('.').slice(0, 2);
  return parts.map((part): unknown => JSON.parse(String(Buffer.from(part, 'base64url'))));
}

describe('mint', () => {
  const issuer = createTestIssuer({ algorithm: 'ES256', clock: testClock(), accessTtlSeconds: 60 });
  test('fills in the claims of an access token', () => {
    const subject = { sub: 'user-1', client_id: 'test-client', sid: 'session-1' };
    const names = { iss: 'https://issuer.test', aud: 'test-service', ...subject };
    expect(decode(issuer.mint())).toEqual([
      { alg: 'ES256', typ: 'at+jwt', kid: issuer.kid },
      { ...names, iat: start, exp: start + 60, jti: expect.any(String) as unknown, scope: '', roles: [] },
    ]);
  });

  test('takes any claim and header member, and leaves out what is undefined', () => {
    const [header, payload] = decode(
      issuer.mint({ exp: 'never', jti: undefined, tenant: 'acme' }, { typ: 'JWT', kid: undefined }),
    );
    expect(header).toEqual({ alg: 'ES256', typ: 'JWT' });
    expect(payload).toMatchObject({ exp: 'never', tenant: 'acme' });
    expect(payload).not.toHaveProperty('jti');
  });
});

test('rotate keeps the old key published until it is withdrawn', () => {
  const issuer = createTestIssuer({ algorithm: 'ES256' });
  const kids = () => issuer.jwks().keys.map((key) => (key as { kid: string }).kid);
  const old = issuer.kid;
  const fresh = issuer.rotate();
  expect([issuer.kid, kids()]).toEqual([fresh, [old, fresh]]);
  issuer.withdraw();
  expect(kids()).toEqual([fresh]);
  issuer.withdraw(fresh);
  expect(kids()).toEqual([]);
});

test('an outage is answered 503 and counted', async () => {
  const issuer = createTestIssuer({ algorithm: 'ES256' });
  issuer.outage = true;
  const answer = await issuer.fetch(new URL('https://issuer.test/.well-known/jwks.json'));
  expect([answer.status, issuer.fetches]).toEqual([503, { discovery: 0, jwks: 1, revocations: 0, total: 1 }]);
  expect((await issuer.fetch('https://issuer.test/other')).status).toBe(503);
});

test('publishes no private key', () => {
  expect(JSON.stringify(createTestIssuer().jwks())).not.toMatch(/"[dpq]":/);
});

test('startTestIssuer answers real HTTP until it is closed', async () => {
  const issuer = await startTestIssuer({ algorithm: 'ES256', audience: 'users-service' });
  const options = { issuer: issuer.issuer, audience: 'users-service' };
  expect(await verdictOf(createVerifier(options).verify(issuer.mint()))).toBe('accepted');
  expect((await fetch(`${issuer.issuer}/other`)).status).toBe(404);
  expect(issuer.fetches).toEqual({ discovery: 1, jwks: 1, revocations: 1, total: 3 });
  issuer.outage = true;
  expect(await verdictOf(createVerifier(options).verify(issuer.mint()))).toBe('keys_unavailable');
  await issuer.close();
  await expect(fetch(issuer.issuer)).rejects.toThrow('fetch failed');
});
