import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { type Auth, createVerifier, type StandardSchemaV1, type VerificationError } from '../src/index.ts';
import { createTestIssuer } from '../src/testing/index.ts';
import { openSetting, start, verdict } from './setting.ts';

const { issuer, verifier } = await openSetting();

type Hook = (event: unknown) => void;

describe('who sent the token', () => {
  test('a user, with session, scopes and roles', () => {
    const token = issuer.mint({
      sub: 'ada',
      sid: 's-1',
      jti: 't-1',
      scope: 'users:read  credits:read',
      roles: ['admin'],
    });
    const auth = verifier.verifySync(token);
    expect(auth).toMatchObject({
      subject: 'ada',
      kind: 'user',
      clientId: 'test-client',
      sessionId: 's-1',
      tokenId: 't-1',
    });
    expect(auth.scopes).toEqual(['users:read', 'credits:read']);
    expect(auth.roles).toEqual(['admin']);
    expect(auth.expiresAt).toEqual(new Date((start + 900) * 1000));
    expect(auth.claims['iss']).toBe('https://issuer.test');
  });

  test('a service acts for itself: subject and client are the same', () => {
    const token = issuer.mint({
      sub: 'billing',
      client_id: 'billing',
      sid: undefined,
      scope: undefined,
      roles: undefined,
    });
    expect(verifier.verifySync(token)).toMatchObject({ kind: 'service', sessionId: undefined, scopes: [], roles: [] });
  });

  test('can() asks for every scope and every role', () => {
    const auth = verifier.verifySync(issuer.mint({ scope: 'a b', roles: ['editor', 'author'] }));
    expect(auth.can({ scope: 'a' })).toBe(true);
    expect(auth.can({ scope: 'a b', role: ['editor', 'author'] })).toBe(true);
    expect(auth.can({ scope: ['a', 'c'] })).toBe(false);
    expect(auth.can({ scope: 'a', role: 'admin' })).toBe(false);
    expect(auth.can({ scope: '' })).toBe(false);
  });

  test('nobody can change it for the next request with the same token', () => {
    const token = issuer.mint({ roles: ['author'], nested: { list: [1] } });
    const auth = verifier.verifySync(token) as { -readonly [name in keyof Auth]: unknown } & Auth;
    expect(() => (auth.roles as string[]).push('admin')).toThrow(TypeError);
    expect(() => (auth.claims['roles'] as string[]).push('admin')).toThrow(TypeError);
    expect(() => (auth.claims['nested'] as { list: number[] }).list.push(2)).toThrow(TypeError);
    expect(() => Object.assign(auth, { subject: 'root' })).toThrow(TypeError);
    expect(verifier.verifySync(token).roles).toEqual(['author']);
  });
});

describe('needs', () => {
  const token = issuer.mint({ scope: 'users:read users:write', roles: ['author', 'editor'] });
  test.each([
    [{ scope: 'users:read' }, 'accepted'],
    [{ scope: 'users:read users:write' }, 'accepted'],
    [{ scope: ['users:read', 'users:write'], role: 'author' }, 'accepted'],
    [{ scope: ['users:read', 'keys:read'] }, 'scope_missing'],
    [{ scope: 'users:rea' }, 'scope_missing'],
    [{ scope: '' }, 'scope_missing'],
    [{ role: ['author', 'admin'] }, 'role_missing'],
    [{ role: '' }, 'role_missing'],
  ])('%j: %s', (needs, expected) => {
    expect(verdict(() => verifier.verifySync(token, needs))).toBe(expected);
  });

  test('a misspelt need is an error in the program, not a need for nothing', () => {
    expect(() => verifier.verifySync(token, { scopes: 'admin' } as never)).toThrow(TypeError);
  });
});

describe('the three ways to ask', () => {
  test('verify resolves or rejects', async () => {
    await expect(verifier.verify(issuer.mint({ sub: 'ada' }))).resolves.toMatchObject({ subject: 'ada' });
    await expect(verifier.verify('x')).rejects.toMatchObject({ code: 'token_malformed', status: 401 });
  });

  test('safeVerify never rejects over a token, and its codes are a closed union', async () => {
    const good = await verifier.safeVerify(issuer.mint({ sub: 'ada' }));
    expect(good.ok && good.auth.subject).toBe('ada');
    const bad = await verifier.safeVerify(issuer.mint({ exp: start - 10 }));
    expect(bad.ok || bad.error.code).toBe('token_expired');
    if (!bad.ok) expectTypeOf(bad.error).toEqualTypeOf<VerificationError>();
  });

  test('verifySync throws keys_unavailable until the keys are loaded, and works from then on', async () => {
    const fresh = createVerifier(issuer.verifierOptions);
    const token = issuer.mint();
    expect(verdict(() => fresh.verifySync(token))).toBe('keys_unavailable');
    await fresh.ready();
    expect(verdict(() => fresh.verifySync(token))).toBe('accepted');
  });
});

const schema = <C>(validate: StandardSchemaV1<unknown, C>['~standard']['validate']): StandardSchemaV1<unknown, C> => ({
  '~standard': { version: 1, vendor: 'test', validate },
});

const withSchema = <C>(claims: StandardSchemaV1<unknown, C>) =>
  createVerifier({ ...issuer.verifierOptions, jwks: { keys: issuer.jwks() }, claims });

describe('a claims schema', () => {
  test('gives auth.claims its shape and its type', () => {
    const tenant = schema((value) => ({ value: { tenant: (value as { tenant: string }).tenant, seen: new Date(0) } }));
    const { claims } = withSchema(tenant).verifySync(issuer.mint({ tenant: 'acme' }));
    expect(claims).toEqual({ tenant: 'acme', seen: new Date(0) });
    expectTypeOf(claims).toEqualTypeOf<{ tenant: string; seen: Date }>();
  });

  test.each([
    ['that finds issues', schema<object>(() => ({ issues: [{ message: 'tenant is missing' }] }))],
    [
      'that throws',
      schema<object>(() => {
        throw new Error('broken');
      }),
    ],
    ['that answers later', schema<object>(() => Promise.reject(new Error('too late')))],
  ])('%s refuses the token', (_, claims) => {
    expect(verdict(() => withSchema(claims).verifySync(issuer.mint()))).toBe('claims_rejected');
  });
});

function throwing(): never {
  throw new Error('metrics are down');
}

describe('hooks', () => {
  test('report what was verified, rejected and fetched', async () => {
    const on = { verified: vi.fn<Hook>(), rejected: vi.fn<Hook>(), jwks: vi.fn<Hook>() };
    const watched = await openSetting({ on });
    const auth = await watched.verifier.verify(watched.issuer.mint());
    await watched.verifier.safeVerify('x');
    expect(on.verified.mock.calls).toEqual([[auth]]);
    expect(on.rejected.mock.calls).toEqual([[expect.objectContaining({ code: 'token_malformed' })]]);
    expect(on.jwks.mock.calls).toEqual([[{ type: 'loaded', keyIds: [watched.issuer.kid] }]]);
  });

  test('that throw become a process warning and change no answer', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const watched = await openSetting({ on: { verified: throwing, jwks: throwing } });
    await expect(watched.verifier.verify(watched.issuer.mint())).resolves.toMatchObject({ subject: 'user-1' });
    expect(warn.mock.calls).toEqual([[new Error('metrics are down')], [new Error('metrics are down')]]);
    warn.mockRestore();
  });
});

describe('options that would accept too much, or nothing, are refused at once', () => {
  const good = createTestIssuer({ algorithm: 'ES256' }).verifierOptions;
  test.each<[string, object]>([
    ['no issuer', { issuer: undefined }],
    ['an empty issuer', { issuer: '' }],
    ['an issuer over http', { issuer: 'http://sso.example.com' }],
    ['an issuer that only looks like loopback', { issuer: 'http://127.0.0.1.example.com' }],
    ['an issuer that is no URL', { issuer: 'sso.example.com' }],
    ['an issuer with a space behind it', { issuer: 'https://sso.example.com ', revocation: {} }],
    ['an issuer with a space before it', { issuer: ' https://sso.example.com' }],
    ['an issuer with a line end inside', { issuer: 'https://sso.exam\nple.com' }],
    ['an issuer with a control character behind it', { issuer: 'https://sso.example.com\u0001', revocation: {} }],
    ['no audience', { audience: undefined }],
    ['an empty audience', { audience: '' }],
    ['an empty list of audiences', { audience: [] }],
    ['no algorithm', { algorithms: [] }],
    ['an HMAC', { algorithms: ['HS256'] }],
    ['none', { algorithms: ['none'] }],
    ['an endless tolerance', { clockToleranceSeconds: Infinity }],
    ['a tolerance of more than 300 s', { clockToleranceSeconds: 301 }],
    ['a negative tolerance', { clockToleranceSeconds: -1 }],
    ['a tolerance of NaN', { clockToleranceSeconds: NaN }],
    ['an endless age', { maxTokenAgeSeconds: Infinity }],
    ['keys over http', { jwks: { uri: 'http://sso.example.com/jwks' } }],
    ['two sources of keys', { jwks: { uri: 'https://sso.example.com/jwks', keys: { keys: [] } } }],
    ['keys that are no JWK Set', { jwks: { keys: [] } }],
    ['a cache without bound', { cache: { entriesMax: Infinity } }],
    ['no timeout', { jwks: { timeoutMs: 0 } }],
    ['keys kept for ever', { jwks: { staleIfErrorSeconds: Infinity } }],
  ])('%s', (_, options) => {
    expect(() => createVerifier({ ...good, ...options })).toThrow(TypeError);
  });

  test.each<[object, string]>([
    [{ revocation: { staleSeconds: 0 } }, 'revocation.staleSeconds must be a number from 1 to 3600'],
    [{ revocation: { onStale: 'no' } }, 'revocation.onStale must be accept or refuse'],
    [{ jwks: { timeoutMs: 0 } }, 'jwks.timeoutMs must be a number from 1 to 60000'],
    [{ jwks: { staleIfErrorSeconds: -1 } }, 'jwks.staleIfErrorSeconds must be a number from 0 to 86400'],
    [{ cache: { entriesMax: 0 } }, 'cache.entriesMax must be a number from 1 to 100000'],
    [{ clockToleranceSeconds: -1 }, 'clockToleranceSeconds must be a number from 0 to 300'],
    [{ jwks: null }, 'jwks must be an object'],
    [{ on: null }, 'on must be an object'],
    [{ on: 'x' }, 'on must be an object'],
    [{ revocation: null }, 'revocation must be an object'],
    [{ revocation: true }, 'revocation must be an object'],
    [{ cache: null }, 'cache must be an object'],
    [{ cache: true }, 'cache must be an object'],
  ])('%j: its message names the option', (options, message) => {
    expect(() => createVerifier({ ...good, ...options })).toThrow(new TypeError(message));
  });

  test.each(['http://127.0.0.1:8000', 'http://localhost', 'http://[::1]:8000', 'https://sso.example.com'])(
    '%s is fine',
    (url) => {
      expect(() => createVerifier({ ...good, issuer: url })).not.toThrow();
    },
  );
});
