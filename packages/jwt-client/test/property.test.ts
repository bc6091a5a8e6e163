import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AccessTokenError } from '../src/index.ts';
import { openSetting, verdict } from './setting.ts';

const { issuer, verifier } = await openSetting();
const token = issuer.mint();

/** Any answer but acceptance or one of our own errors throws here and fails the property. */
async function refuses(candidate: unknown): Promise<boolean> {
  const outcome = await verifier.safeVerify(candidate as string);
  const sync = verdict(() => verifier.verifySync(candidate as string));
  return !outcome.ok && outcome.error instanceof AccessTokenError && sync !== 'accepted';
}

const counterexample = <T>(property: fc.IAsyncProperty<T>, numRuns: number) =>
  fc.check(property, { numRuns }).then((details) => details.counterexample);

const part = fc.oneof(
  fc.json().map((text) => Buffer.from(text).toString('base64url')),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...token.split('.')),
);

test('no value at all makes verify accept or throw anything but its own errors', async () => {
  expect(await counterexample(fc.asyncProperty(fc.anything(), refuses), 500)).toBeNull();
});

test('nor do three parts of anything, our own among them', async () => {
  const parts = fc.tuple(part, part, part).map((texts) => texts.join('.'));
  const forged = parts.filter((text) => text !== token);
  expect(await counterexample(fc.asyncProperty(forged, refuses), 1500)).toBeNull();
});

test('nor does any one character changed in a valid token', async () => {
  const position = fc.nat(token.length - 1);
  const change = fc
    .tuple(position, fc.string({ minLength: 1, maxLength: 1 }))
    .map(([at, char]) => token.slice(0, at) + char + token.slice(at + 1));
  expect(
    await counterexample(
      fc.asyncProperty(
        change.filter((text) => text !== token),
        refuses,
      ),
      1500,
    ),
  ).toBeNull();
});

test('signed claims and headers of any JSON never get past the issuer and the audience', async () => {
  const claims = fc.record(
    { iss: fc.jsonValue(), aud: fc.jsonValue(), sub: fc.jsonValue(), exp: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const bent = claims.filter((changes) => 'iss' in changes || 'aud' in changes);
  const header = fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jwk'), fc.jsonValue(), {
    maxKeys: 1,
  });
  const minted = fc.tuple(bent, header).map(([changes, members]) => issuer.mint(changes, members));
  expect(await counterexample(fc.asyncProperty(minted, refuses), 1500)).toBeNull();
});
