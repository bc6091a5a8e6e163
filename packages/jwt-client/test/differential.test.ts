import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { type Algorithm, createVerifier } from '../src/index.ts';
import { generateSigningKey } from '../src/testing/signing-key.ts';
import { goodClaims, start, verdict } from './setting.ts';

const algorithms: Algorithm[] = ['RS256', 'PS256', 'ES256'];

describe.each(algorithms)('%s', (alg) => {
  const key = generateSigningKey(alg);
  const keys = { keys: [key.jwk] };
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' });
  const verifier = createVerifier({
    issuer: 'https://issuer.test',
    audience: 'test-service',
    jwks: { keys },
    clock: () => start * 1000,
  });
  const ours = (token: string) => verdict(() => verifier.verifySync(token)) === 'accepted';

  const josesView = (token: string) =>
    jwtVerify(token, createLocalJWKSet(keys as never), {
      issuer: 'https://issuer.test',
      audience: 'test-service',
      algorithms: [alg],
      typ: 'at+jwt',
      clockTolerance: 5,
      currentDate: new Date(start * 1000),
    }).then(
      () => true,
      () => false,
    );

  function jsonwebtokensView(token: string): boolean {
    try {
      const names = { issuer: 'https://issuer.test', audience: 'test-service', algorithms: [alg] };
      jsonwebtoken.verify(token, publicKey, { ...names, clockTimestamp: start, clockTolerance: 5 });
      return true;
    } catch {
      return false;
    }
  }

  const signWithJsonwebtoken = (claims: object) =>
    jsonwebtoken.sign(claims, key.privateKey, { algorithm: alg, header: { alg, typ: 'at+jwt', kid: key.kid } });

  test('tokens signed by jose and by jsonwebtoken are accepted', async () => {
    const signed = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg, typ: 'at+jwt', kid: key.kid })
      .sign(key.privateKey);
    expect(ours(signed)).toBe(true);
    expect(ours(signWithJsonwebtoken(goodClaims()))).toBe(true);
  });

  test('whatever is accepted here, jose and jsonwebtoken accept too', async () => {
    const seconds = fc.integer({ min: start - 20, max: start + 20 });
    const bends = fc.record(
      {
        exp: seconds,
        nbf: seconds,
        aud: fc.constantFrom('test-service', 'other', ['test-service']),
        iss: fc.constantFrom('https://issuer.test', 'x'),
      },
      { requiredKeys: [] },
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(bends, fc.boolean(), fc.nat(), async (bent, damage, at) => {
        const token = signWithJsonwebtoken(goodClaims(bent));
        const candidate = damage ? flip(token, at % token.length) : token;
        if (!ours(candidate)) return;
        accepted++;
        expect([await josesView(candidate), jsonwebtokensView(candidate)]).toEqual([true, true]);
      }),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(5);
  });

  test('on plain differences of time, audience and issuer all three agree', async () => {
    const cases = [
      {},
      { exp: start - 5 },
      { exp: start - 4 },
      { exp: start - 6 },
      { nbf: start + 5 },
      { nbf: start + 6 },
      { aud: 'x' },
      { iss: 'x' },
    ];
    for (const bent of cases) {
      const token = signWithJsonwebtoken(goodClaims(bent));
      expect([await josesView(token), jsonwebtokensView(token)]).toEqual([ours(token), ours(token)]);
    }
  });

  test('what the others let pass is refused here', async () => {
    const [head, body, signature = ''] = signWithJsonwebtoken(goodClaims()).split('.');
    const respelt = `${head}.${body}.${signature}=`;
    const future = signWithJsonwebtoken(goodClaims({ iat: start + 600 }));
    const huge = signWithJsonwebtoken(goodClaims({ pad: 'x'.repeat(1_000_000) }));
    const { exp: _, ...withoutExp } = goodClaims();
    const endless = signWithJsonwebtoken(withoutExp);
    for (const token of [future, huge, endless]) expect(await josesView(token)).toBe(true);
    expect([respelt, future, huge, endless].map(ours)).toEqual([false, false, false, false]);
  });
});

function flip(token: string, at: number): string {
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
