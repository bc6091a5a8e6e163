import { describe, expect, test } from 'vitest';
import * as errors from '../src/errors/index.ts';
import { refusals } from '../src/errors/codes.ts';
import { openSetting, start } from './setting.ts';

const classes = Object.values(errors).filter((value) => value !== errors.AccessTokenError) as (new (
  details?: errors.ErrorDetails,
) => errors.AccessTokenError)[];

test('every code has one class, and every class its own code', () => {
  expect(classes.map((Class) => new Class().code).toSorted()).toEqual(Object.keys(refusals).toSorted());
});

describe.each(classes.map((Class) => [new Class().code, new Class()] as const))('%s', (code, error) => {
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
  expect(new errors.TokenExpired().toWwwAuthenticate()).toBe(
    'Bearer realm="api", error="invalid_token", error_description="The access token has expired: refresh it and try again."',
  );
  expect(new errors.ScopeMissing({ required: ['users:read', 'a"\r\n\\b'] }).toWwwAuthenticate()).toBe(
    'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope that this request needs.", scope="users:read a\'\'b"',
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
