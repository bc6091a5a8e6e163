import { randomUUID } from 'node:crypto';
import type { JSONWebKeySet } from '../jwks/jwk.ts';
import type { Algorithm } from '../jws/algorithms.ts';
import { createRevocationLog, type RevocationRequest } from './revocations.ts';
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
  /** The `max-age` of the revocation feed, default 5; `false` for an issuer without one. */
  readonly revocationsMaxAgeSeconds?: number | false;
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
  readonly fetches: Readonly<Record<'discovery' | 'jwks' | 'revocations' | 'total', number>>;
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
  /**
   * Revokes a session, a token, or what a subject was issued until now. Verifiers learn of it at their next poll of
   * the feed: `clock.advance(10)` with a test clock.
   */
  revoke(request: RevocationRequest): void;
  /** A receipt of the credit ledger, with members replaced as in mint(). */
  mintReceipt(receipt?: Readonly<Record<string, unknown>>, claims?: Readonly<Record<string, unknown>>): string;
  /** While true, every request is answered 503. */
  outage: boolean;
  jwks(): JSONWebKeySet;
}

/** An issuer inside the test process: real keys, real signatures, no network, any mishap on demand. */
export function createTestIssuer(options: TestIssuerOptions = {}): TestIssuer {
  const { issuer = 'https://issuer.test', audience = 'test-service', algorithm = 'RS256' } = options;
  const { accessTtlSeconds = 900, jwksMaxAgeSeconds = 300, revocationsMaxAgeSeconds = 5, clock = Date.now } = options;
  const counts = { discovery: 0, jwks: 0, revocations: 0 };
  const revocations = createRevocationLog({ issuer, accessTtlSeconds, clock });
  const at = (name: string) => `${issuer}/.well-known/${name}`;
  let active = generateSigningKey(algorithm);
  let published: readonly SigningKey[] = [active];

  const documents: Record<string, (url: URL, headers: Headers) => Response> = {
    [at('openid-configuration')]() {
      counts.discovery++;
      const feed = revocationsMaxAgeSeconds !== false && { revocations_uri: at('revocations') };
      return Response.json({ issuer, jwks_uri: at('jwks.json'), ...feed });
    },
    [at('jwks.json')]() {
      counts.jwks++;
      return Response.json(self.jwks(), { headers: { 'Cache-Control': `public, max-age=${jwksMaxAgeSeconds}` } });
    },
    [at('revocations')]({ searchParams }, asked) {
      counts.revocations++;
      const { payload, etag } = revocations.document(searchParams.get('since'));
      const headers = { ETag: etag, 'Cache-Control': `max-age=${Number(revocationsMaxAgeSeconds)}` };
      if (asked.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
      const jws = sign('revocations+jwt', payload);
      return new Response(jws, { headers: { ...headers, 'Content-Type': 'application/jwt' } });
    },
  };

  async function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const { url, headers } = new Request(input, init);
    const address = new URL(url);
    const answer = documents[address.origin + address.pathname];
    const document = answer?.(address, headers) ?? Response.json({}, { status: 404 });
    return self.outage ? Response.json({}, { status: 503 }) : document;
  }

  function sign(typ: string, payload: object, header: object = {}): string {
    const { alg, kid } = active;
    return signCompact({ alg, typ, kid, ...header }, payload, active);
  }

  function usualClaims() {
    const iat = Math.floor(clock() / 1000);
    const names = { iss: issuer, aud: audience, sub: 'user-1', client_id: 'test-client', sid: 'session-1' };
    return { ...names, iat, exp: iat + accessTtlSeconds, jti: randomUUID(), scope: '', roles: [] };
  }

  function usualReceipt() {
    const place = { id: randomUUID(), account: 'account-1', seq: 1, hash: randomUUID() };
    return { ...place, type: 'purchase', amount: 100, balance_after: 100, created_at: new Date(clock()).toISOString() };
  }

  const self: TestIssuer = {
    issuer,
    audience,
    fetch,
    verifierOptions: { issuer, audience, clock, jwks: { fetch } },
    outage: false,
    get fetches() {
      return { ...counts, total: counts.discovery + counts.jwks + counts.revocations };
    },
    get kid() {
      return active.kid;
    },
    mint: (claims = {}, header = {}) => sign('at+jwt', { ...usualClaims(), ...claims }, header),
    mintReceipt(receipt = {}, claims = {}) {
      const names = { iss: issuer, sub: 'user-1', iat: Math.floor(clock() / 1000) };
      return sign('receipt+jwt', { ...names, receipt: { ...usualReceipt(), ...receipt }, ...claims });
    },
    rotate() {
      active = generateSigningKey(algorithm);
      published = [...published, active];
      return active.kid;
    },
    withdraw(kid) {
      published = published.filter((key) => (kid === undefined ? key === active : key.kid !== kid));
    },
    revoke: revocations.revoke,
    jwks: () => ({ keys: published.map((key) => key.jwk) }),
  };
  return self;
}
