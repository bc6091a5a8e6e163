import { createHmac, type KeyObject, sign } from 'node:crypto';
import { AccessTokenError, createVerifier, type ErrorCode, type Verifier, type VerifierOptions } from '../src/index.ts';
import {
  createTestClock,
  createTestIssuer,
  type TestClock,
  type TestIssuer,
  type TestIssuerOptions,
} from '../src/testing/index.ts';

/** 2026-01-01T00:00:00Z, in epoch seconds. */
export const start = 1_767_225_600;

export const testClock = () => createTestClock(start);

export interface Setting {
  readonly issuer: TestIssuer;
  readonly verifier: Verifier;
  readonly clock: TestClock;
}

type Overrides = Partial<Omit<VerifierOptions<never>, 'claims'>>;

/** An issuer and a verifier for it, with the keys loaded, on a clock that only the test moves. */
export async function openSetting(overrides: Overrides = {}, issuerOptions: TestIssuerOptions = {}): Promise<Setting> {
  const clock = testClock();
  const issuer = createTestIssuer({ algorithm: 'ES256', clock, revocationsMaxAgeSeconds: false, ...issuerOptions });
  const jwks = { ...issuer.verifierOptions.jwks, ...overrides.jwks };
  const verifier = createVerifier({ ...issuer.verifierOptions, ...overrides, jwks });
  await verifier.ready();
  return { issuer, verifier, clock };
}

/** The code of the refusal, or 'accepted'. Anything but a refusal of ours fails the test. */
export function verdict(attempt: () => unknown): ErrorCode | 'accepted' {
  try {
    attempt();
    return 'accepted';
  } catch (error) {
    if (error instanceof AccessTokenError) return error.code;
    throw error;
  }
}

export async function verdictOf(attempt: Promise<unknown>): Promise<ErrorCode | 'accepted'> {
  const outcome = await attempt.then(
    () => () => {},
    (error: unknown) => (): void => {
      throw error;
    },
  );
  return verdict(outcome);
}

export const base64url = (text: string | Uint8Array) => Buffer.from(text).toString('base64url');

/** A token over exact JSON texts, signed by whatever function the attack calls for. */
export function forge(header: string, payload: string, signer: (input: Buffer) => Buffer): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

export const es256 = (key: KeyObject) => (input: Buffer) => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
export const rs256 = (key: KeyObject) => (input: Buffer) => sign('sha256', input, key);
export const hs256 = (secret: string | Uint8Array) => (input: Buffer) =>
  createHmac('sha256', secret).update(input).digest();

/** The claims of a good token, to be bent. */
export function goodClaims(changes: object = {}): Record<string, unknown> {
  const times = { iat: start, exp: start + 900 };
  const names = {
    iss: 'https://issuer.test',
    aud: 'test-service',
    sub: 'user-1',
    client_id: 'test-client',
    jti: 'token-1',
  };
  return { ...names, ...times, ...changes };
}

/** The address of a request, however it was given to fetch. */
export const addressOf = (input: string | URL | Request) => new Request(input).url;
