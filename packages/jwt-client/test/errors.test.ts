import { describe, expect, test } from 'vitest';
import * as errors from '../src/errors/index.ts';
import { type ErrorCode, reasons } from '../src/errors/codes.ts';
import { openSetting, start } from './setting.ts';

const codes = Object.keys(reasons) as ErrorCode[];

test('codes are permanent: none is renamed or taken away', () => {
  expect(codes.toSorted()).toMatchInlineSnapshot(`
    [
      "algorithm_not_allowed",
      "audience_mismatch",
      "claim_invalid",
      "claim_missing",
      "claims_rejected",
      "critical_unsupported",
      "issuer_mismatch",
      "keys_unavailable",
      "kid_invalid",
      "kid_unknown",
      "revocations_unavailable",
      "role_missing",
      "scope_missing",
      "signature_invalid",
      "token_expired",
      "token_issued_in_future",
      "token_malformed",
      "token_missing",
      "token_not_yet_valid",
      "token_revoked",
      "token_too_large",
      "token_too_old",
      "type_mismatch",
    ]
  `);
});

test.each([
  ['token_missing', errors.TokenMissing],
  ['token_malformed', errors.TokenMalformed],
  ['scope_missing', errors.ScopeMissing],
  ['role_missing', errors.RoleMissing],
] as const)('%s, which an application may throw itself, has a class', (code, Class) => {
  expect(new Class()).toBeInstanceOf(errors.AccessTokenError);
  expect(new Class().code).toBe(code);
});

describe.each(codes.map((code) => [code, new errors.AccessTokenError(code)] as const))('%s', (code, error) => {
  test('says what happened and what it means in HTTP', () => {
    expect(error).toBeInstanceOf(errors.AccessTokenError);
    expect(error.message).toMatch(/^[A-Z].*\.$/);
    expect(error.toProblem()).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/^(Unauthorized|Forbidden|Service Unavailable)$/) as unknown,
      status: error.status,
      detail: error.message,
      code,
    });
  });

  test('is a challenge of RFC 6750 unless a new token would not help', () => {
    const challenge = error.toWwwAuthenticate() ?? 'none';
    expect(challenge).toMatch(error.status === 503 ? /^none$/ : /^Bearer realm="api"(, [a-z_]+="[ !#-[\]-~]*")*$/);
  });
});

test('challenges as RFC 6750 writes them', () => {
  expect(new errors.TokenMissing().toWwwAuthenticate('users')).toBe('Bearer realm="users"');
  expect(new errors.AccessTokenError('token_expired').toWwwAuthenticate()).toBe(
    'Bearer realm="api", error="invalid_token", error_description="The access token has expired: refresh it."',
  );
  expect(new errors.ScopeMissing({ required: ['users:read', 'a"\r\n\\b'] }).toWwwAuthenticate()).toBe(
    'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope.", scope="users:read a\'\'b"',
  );
});

test('nothing in an error echoes the token', async () => {
  const { issuer, verifier } = await openSetting();
  const secret = 'hunter2';
  const tokens = [
    issuer.mint({ sub: secret, exp: start - 10 }),
    issuer.mint({ aud: secret }),
    issuer.mint({ iss: secret }),
    issuer.mint({ roles: secret }),
    issuer.mint({}, { alg: secret }),
    issuer.mint({}, { kid: secret }),
    issuer.mint({}, { typ: secret }),
    Buffer.from(`{"alg":"${secret}`).toString('base64url') + '.e30.AA',
    secret,
  ];
  for (const token of tokens) {
    const outcome = await verifier.safeVerify(token);
    if (outcome.ok) throw new Error('accepted');
    const { error } = outcome;
    const everything = [
      error.stack,
      error.cause,
      JSON.stringify(error),
      JSON.stringify(error.toProblem()),
      error.toWwwAuthenticate(),
    ];
    expect(everything.join('\n')).not.toMatch(new RegExp(`${secret}|${token}`));
  }
});

test('one without a cause has none, and one with a cause keeps it', () => {
  expect(new errors.AccessTokenError('keys_unavailable', { cause: undefined })).not.toHaveProperty('cause');
  expect(new errors.AccessTokenError('kid_unknown')).not.toHaveProperty('cause');
  expect(new errors.AccessTokenError('keys_unavailable', { cause: 'why' })).toHaveProperty('cause', 'why');
});
