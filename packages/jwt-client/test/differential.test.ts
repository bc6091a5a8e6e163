import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { type Algorithm, createVerifier } from '../src/index.ts';
import { generateSigningKey } from '../src/testing/signing-key.ts';
import { es256, forge, goodClaims, start, verdict } from './setting.ts';

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
      // Some are whole whatever the seed, or the comparison might compare nothing.
      { numRuns: 150, examples: Array.from({ length: 6 }, () => [{}, false, 0]) },
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

const listed = [
  ...(await readFile(new URL('../docs/strictness.md', import.meta.url), 'utf8')).matchAll(/^\| `(\w+)`/gm),
];
const strictness = new Set(listed.map(([, code = '']) => code));

describe('whatever is refused here and accepted by another is on the list of strictness, and nothing else', () => {
  const key = generateSigningKey('ES256');
  const keys = { keys: [key.jwk] };
  const names = { issuer: 'https://issuer.test', audience: 'test-service' };
  const verifier = createVerifier({ ...names, jwks: { keys }, clock: () => start * 1000 });
  const publicKey = createPublicKey({ key: key.jwk, format: 'jwk' });
  const keySet = createLocalJWKSet(keys);
  const proved = new Set<string>();

  /** True when jose or jsonwebtoken accepts the token. */
  async function passesElsewhere(token: string): Promise<boolean> {
    const times = { currentDate: new Date(start * 1000), clockTolerance: 5 };
    const byJose = await jwtVerify(token, keySet, { ...names, ...times, algorithms: ['ES256'] }).catch(() => undefined);
    if (byJose) return true;
    try {
      jsonwebtoken.verify(token, publicKey, {
        ...names,
        algorithms: ['ES256'],
        clockTimestamp: start,
        clockTolerance: 5,
      });
      return true;
    } catch {
      return false;
    }
  }

  /** What is wrong with our answer in the light of theirs; undefined when nothing is. */
  async function disagreement(token: string): Promise<string | undefined> {
    const code = verdict(() => verifier.verifySync(token));
    const passes = await passesElsewhere(token);
    if (code === 'accepted') return passes ? undefined : `accepted here only: ${token}`;
    if (passes) proved.add(code);
    return passes && !strictness.has(code) ? `${code} is refused here only, and not on the list: ${token}` : undefined;
  }

  const oddValue = fc.constantFrom<unknown>(null, '', 0, 1, -1, 1.5, true, [], {}, ['a'], 'a', 2 ** 53, start);
  const claimNames = ['iss', 'aud', 'sub', 'client_id', 'iat', 'exp', 'jti', 'nbf', 'sid', 'scope', 'roles', 'extra'];
  const times = fc.record({ iat: fc.integer({ min: start - 9, max: start + 9 }) }, { requiredKeys: [] });
  const bentClaims = fc.dictionary(fc.constantFrom(...claimNames), oddValue, { maxKeys: 2 });
  const withoutClaim = fc.constantFrom(...claimNames).map((name) => ({ [name]: undefined }));
  const claims = fc.oneof(times, bentClaims, withoutClaim);
  const header = fc.dictionary(fc.constantFrom('typ', 'kid', 'crit', 'b64', 'cty', 'jku', 'jwk'), oddValue, {
    maxKeys: 2,
  });
  const spelling = fc.constantFrom<(token: string) => string>(
    (token) => token,
    (token) => token,
    flipTrailingBits,
    (token) => `${token}=`,
    (token) => ` ${token}`,
    (token) => token.replace('.', '..'),
  );
  const inside = fc.constantFrom<(json: string) => string>(
    (json) => json,
    (json) => json,
    (json) => json.replace('{', '{"sub":"eve",'),
    (json) => json.replace('{', '{"__proto__":{"roles":["admin"]},'),
    (json) => json.replace('{', `{"deep":${'['.repeat(9)}${']'.repeat(9)},`),
    (json) => json.replace('{', `{"pad":"${'x'.repeat(9000)}",`),
    (json) => json.replace('{', ' { '),
  );

  const parts = fc.tuple(header, claims, inside, spelling);

  test('tokens bent at random', async () => {
    const disagreements = new Set<string>();
    // The first differ from run to run; the others are the same each time, and prove every line of the list.
    const tokens = [...fc.sample(parts, 1500), ...fc.sample(parts, { numRuns: 3000, seed: 20261120 })];
    for (const [members, bent, rewrite, respell] of tokens) {
      const head = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...members });
      const body = rewrite(JSON.stringify(goodClaims({ sid: 's', ...bent })));
      const fault = await disagreement(respell(forge(head, body, es256(key.privateKey))));
      if (fault !== undefined) disagreements.add(fault);
    }
    expect([...disagreements]).toEqual([]);
  }, 60_000);

  test('every line of the list is proved by one of them', () => {
    expect([...strictness].toSorted()).toEqual([...proved].toSorted());
  });
});

function flip(token: string, at: number): string {
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

/** Another text for the same bytes: the last character of 86 carries four bits that no byte uses. */
function flipTrailingBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? '') ^ 1];
}
