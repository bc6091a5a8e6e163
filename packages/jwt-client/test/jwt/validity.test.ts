import { describe, expect, test } from 'vitest';
import { openSetting, start, verdict } from '../setting.ts';

const { issuer, verifier, clock } = await openSetting({ maxTokenAgeSeconds: 600 });

function verdictAt(epochSeconds: number, claims: object, needs = {}) {
  const token = issuer.mint({ iat: start, ...claims });
  clock.set(epochSeconds);
  return verdict(() => verifier.verifySync(token, needs));
}

describe('with 5 s tolerance and a clock of milliseconds', () => {
  test.each([
    ['a token is accepted until 5 s after exp', start + 104.999, { exp: start + 100 }, 'accepted'],
    ['a token is refused from 5 s after exp on', start + 105, { exp: start + 100 }, 'token_expired'],
    ['exp 0 is in the past, not unlimited', start, { exp: 0 }, 'token_expired'],
    ['nbf may lie 5 s ahead', start, { nbf: start + 5, exp: start + 100 }, 'accepted'],
    ['nbf may not lie further ahead', start - 0.001, { nbf: start + 5, exp: start + 100 }, 'token_not_yet_valid'],
    ['iat may lie 5 s ahead', start - 5, {}, 'accepted'],
    ['iat may not lie further ahead', start - 5.001, {}, 'token_issued_in_future'],
    ['a token may be maxTokenAgeSeconds old', start + 605, {}, 'accepted'],
    ['a token may not be older, whatever its exp', start + 605.001, { exp: start + 9000 }, 'token_too_old'],
  ])('%s', (_, at, claims, expected) => {
    expect(verdictAt(at, claims)).toBe(expected);
  });

  test.each([
    [start + 35, 'accepted'],
    [start + 35.001, 'token_too_old'],
  ])('needs.maxAgeSeconds 30 at %d: %s', (at, expected) => {
    expect(verdictAt(at, {}, { maxAgeSeconds: 30 })).toBe(expected);
  });
});

test('clockToleranceSeconds 0 leaves nothing', async () => {
  const strict = await openSetting({ clockToleranceSeconds: 0 });
  const token = strict.issuer.mint({ exp: start + 100 });
  strict.clock.set(start + 99.999);
  expect(verdict(() => strict.verifier.verifySync(token))).toBe('accepted');
  strict.clock.set(start + 100);
  expect(verdict(() => strict.verifier.verifySync(token))).toBe('token_expired');
});

test('a clock that answers nonsense refuses every token instead of accepting it', async () => {
  const broken = await openSetting({ clock: () => NaN, jwks: { keys: issuer.jwks(), fetch: undefined as never } });
  expect(verdict(() => broken.verifier.verifySync(issuer.mint()))).toBe('token_expired');
});

describe('issuer and audience', () => {
  test.each([
    ['another issuer', { iss: 'https://evil.test' }, 'issuer_mismatch'],
    ['the issuer with a slash', { iss: 'https://issuer.test/' }, 'issuer_mismatch'],
    ['the issuer in an array', { iss: ['https://issuer.test'] }, 'claim_invalid'],
    ['another audience', { aud: 'other-service' }, 'audience_mismatch'],
    ['a prefix of the audience', { aud: 'test-servic' }, 'audience_mismatch'],
    ['the audience as a prefix', { aud: 'test-service-2' }, 'audience_mismatch'],
    ['the audience in another case', { aud: 'Test-Service' }, 'audience_mismatch'],
    ['the audience among others', { aud: ['other-service', 'test-service'] }, 'accepted'],
    ['only others in the list', { aud: ['a', 'b'] }, 'audience_mismatch'],
  ])('%s: %s', (_, claims, expected) => {
    expect(verdictAt(start, claims)).toBe(expected);
  });

  test('a service with several names accepts each of them', async () => {
    const several = await openSetting({ audience: ['users', 'credits'] });
    const tokenFor = (aud: string) => several.issuer.mint({ aud });
    expect(verdict(() => several.verifier.verifySync(tokenFor('credits')))).toBe('accepted');
    expect(verdict(() => several.verifier.verifySync(tokenFor('test-service')))).toBe('audience_mismatch');
  });
});
