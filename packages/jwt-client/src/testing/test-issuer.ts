import { randomUUID } from 'node:crypto';
import type { JSONWebKeySet } from '../jwks/jwk.ts';
import type { Algorithm } from '../jws/algorithms.ts';
import { generateSigningKey, signCompact, type SigningKey } from './signing-key.ts';

export interface TestIssuerOptions {
  /** Default `https://issuer.test`. */
  readonly issuer?: string;
  /** Default `test-service`. */
  readonly audience?: string;
  /** Default RS256. */
  readonly algorithm?: Algorithm;
  /** The lifetime of minted tokens, default 900. */
  readonly accessTtlSeconds?: number;
  /** The `max-age` of the key set, default 300. */
  readonly jwksMaxAgeSeconds?: number;
  /** Epoch milliseconds; hand the verifier the same. */
  readonly clock?: () => number;
}

export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Hand it to the verifier: `jwks: { fetch: issuer.fetch }`. Nothing leaves the process. */
  readonly fetch: typeof fetch;
  /** All that a verifier needs: `createVerifier(issuer.verifierOptions)`. */
  readonly verifierOptions: {
    readonly issuer: string;
    readonly audience: string;
    readonly clock: () => number;
    readonly jwks: { readonly fetch: typeof fetch };
  };
  /** Requests answered so far, refused ones included. */
  readonly fetches: { readonly discovery: number; readonly jwks: number; readonly total: number };
  /** The id of the key that signs now. */
  readonly kid: string;
  /**
   * An access token. Claims given replace the usual ones, `undefined` leaves one out:
   * `mint({ sub: 'ada', roles: ['admin'], scope: 'users:read', exp: undefined })`. So do header members.
   */
  mint(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string;
  /** Signs with a new key from now on; the old one stays published. Returns the new key's id. */
  rotate(): string;
  /** Stops publishing a key: by default all but the signing one. */
  withdraw(kid?: string): void;
  /** While true, every request is answered 503. */
  outage: boolean;
  jwks(): JSONWebKeySet;
}

/** An issuer inside the test process: real keys, real signatures, no network, any mishap on demand. */
export function createTestIssuer(options: TestIssuerOptions = {}): TestIssuer {
  const { issuer = 'https://issuer.test', audience = 'test-service', algorithm = 'RS256' } = options;
  const { accessTtlSeconds = 900, jwksMaxAgeSeconds = 300, clock = Date.now } = options;
  const counts = { discovery: 0, jwks: 0 };
  let active = generateSigningKey(algorithm);
  let published: readonly SigningKey[] = [active];

  const documents: Record<string, () => Response> = {
    [`${issuer}/.well-known/openid-configuration`]() {
      counts.discovery++;
      return Response.json({ issuer, jwks_uri: `${issuer}/.well-known/jwks.json` });
    },
    [`${issuer}/.well-known/jwks.json`]() {
      counts.jwks++;
      return Response.json(self.jwks(), { headers: { 'Cache-Control': `public, max-age=${jwksMaxAgeSeconds}` } });
    },
  };

  async function fetch(input: string | URL | Request): Promise<Response> {
    const answer = documents[input instanceof Request ? input.url : String(input)];
    const document = answer?.() ?? Response.json({}, { status: 404 });
    return self.outage ? Response.json({}, { status: 503 }) : document;
  }

  function usualClaims() {
    const iat = Math.floor(clock() / 1000);
    const names = { iss: issuer, aud: audience, sub: 'user-1', client_id: 'test-client', sid: 'session-1' };
    return { ...names, iat, exp: iat + accessTtlSeconds, jti: randomUUID(), scope: '', roles: [] };
  }

  const self: TestIssuer = {
    issuer,
    audience,
    fetch,
    verifierOptions: { issuer, audience, clock, jwks: { fetch } },
    outage: false,
    get fetches() {
      return { ...counts, total: counts.discovery + counts.jwks };
    },
    get kid() {
      return active.kid;
    },
    mint(claims = {}, header = {}) {
      const { alg, kid } = active;
      return signCompact({ alg, typ: 'at+jwt', kid, ...header }, { ...usualClaims(), ...claims }, active);
    },
    rotate() {
      active = generateSigningKey(algorithm);
      published = [...published, active];
      return active.kid;
    },
    withdraw(kid) {
      published = published.filter((key) => (kid === undefined ? key === active : key.kid !== kid));
    },
    jwks: () => ({ keys: published.map((key) => key.jwk) }),
  };
  return self;
}
