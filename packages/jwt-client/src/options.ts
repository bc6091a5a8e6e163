import type { VerificationError } from './errors/index.ts';
import { secureUrl } from './http/secure-url.ts';
import { wellKnown } from './http/well-known.ts';
import type { JSONWebKeySet } from './jwks/jwk.ts';
import type { JwksEvent } from './jwks/remote-key-set.ts';
import { type Algorithm, algorithms as offered, isAlgorithm } from './jws/algorithms.ts';
import { isObject } from './jws/json.ts';
import type { Auth } from './jwt/auth.ts';
import { isText } from './jwt/claims.ts';
import type { Expectations } from './jwt/validity.ts';
import type { RevocationEvent } from './revocation/feed.ts';
import type { StandardSchemaV1 } from './standard-schema.ts';

export interface VerifierOptions<C> {
  /** The `iss` that tokens must carry, exactly. Its keys are found at `{issuer}/.well-known/openid-configuration`. */
  readonly issuer: string;
  /** The name of this service. A token must be meant for it, or for one of several. */
  readonly audience: string | readonly string[];
  /** Default: RS256, PS256 and ES256. Each key is used with its own algorithm only. */
  readonly algorithms?: readonly Algorithm[];
  /** How far the clocks may differ: 0..300, default 5. */
  readonly clockToleranceSeconds?: number;
  /** Refuses tokens issued longer ago than this, whatever their `exp`. Default: no limit. */
  readonly maxTokenAgeSeconds?: number;
  /** Checks the claims and gives `auth.claims` its type. Must answer synchronously. */
  readonly claims?: StandardSchemaV1<unknown, C>;
  readonly jwks?: JwksOptions;
  /** Remembers verified tokens: at most `entriesMax` (1..100000, default 1000). `false` verifies every signature. */
  readonly cache?: { readonly entriesMax?: number } | false;
  /**
   * The feed of revoked sessions, tokens and subjects. When left out, it is followed if the issuer's discovery document
   * announces one (`revocations_uri`); `{}` always follows it; `false` never does.
   */
  readonly revocation?: RevocationSource | false;
  readonly on?: VerifierHooks;
  /** Epoch milliseconds; for tests. */
  readonly clock?: () => number;
}

export interface JwksOptions {
  /** The address of the key set, when it is not to be discovered. */
  readonly uri?: string;
  /** The key set itself; nothing is fetched then. */
  readonly keys?: JSONWebKeySet;
  /** Limit for one request, first byte to last: 1..60000, default 5000. */
  readonly timeoutMs?: number;
  /** How long keys serve on while the issuer is down: 0..86400, default 3600. */
  readonly staleIfErrorSeconds?: number;
  /** Replaces the global fetch: for proxies, private authorities, tests. */
  readonly fetch?: typeof fetch;
}

/** Where revocations come from, and what happens without them. Timeout and fetch are those of `jwks`. */
export interface RevocationSource {
  /** Default: `{issuer}/.well-known/revocations`. */
  readonly uri?: string;
  /**
   * When the feed is out of reach for `staleSeconds`: `accept` (default) goes on with the revocations known so far, so
   * that an outage of the issuer stays without effect; `refuse` answers `revocations_unavailable` (503).
   */
  readonly onStale?: 'accept' | 'refuse';
  /** Counted from the end of its freshness (`max-age`): 1..3600, default 60. */
  readonly staleSeconds?: number;
}

/** For metrics and logs. A hook that throws becomes a process warning; it never changes the answer. */
export interface VerifierHooks {
  readonly verified?: (auth: Auth<unknown>) => void;
  readonly rejected?: (error: VerificationError) => void;
  readonly jwks?: (event: JwksEvent) => void;
  readonly revocation?: (event: RevocationEvent) => void;
}

export interface Settings extends Expectations {
  readonly algorithms: readonly Algorithm[];
  readonly on: VerifierHooks;
  readonly jwks: JwksOptions;
  readonly revocation: RevocationSource | false | undefined;
  /** The tokens are refused when the revocations are not known, or were not for too long (`staleSeconds`). */
  readonly mustBeFresh: boolean;
  readonly staleSeconds: number;
  readonly timeoutMs: number;
  readonly staleIfErrorSeconds: number;
  /** Of the cache; 0 when it is switched off. */
  readonly entriesMax: number;
}

/** The options with defaults, checked: a verifier that would accept too much is never made. Throws TypeError. */
export function parseOptions(options: VerifierOptions<never>): Settings {
  const { issuer, audience, algorithms = offered, revocation, clock = Date.now } = options;
  const jwks = part('jwks', options.jwks);
  const feed = part('revocation', revocation);
  const cache = part('cache', options.cache);
  const { onStale = 'accept' } = feed;
  if (onStale !== 'accept' && onStale !== 'refuse') throw new TypeError('revocation.onStale must be accept or refuse');
  if (!isText(issuer)) throw new TypeError('issuer must be a URL');
  if (jwks.uri !== undefined && jwks.keys) throw new TypeError('jwks must have uri or keys, not both');
  // Whatever the issuer is asked for at an address that follows from its name.
  if (!jwks.keys || (revocation && feed.uri === undefined)) wellKnown(issuer, '');
  if (jwks.uri !== undefined) secureUrl(jwks.uri, 'jwks.uri');
  if (feed.uri !== undefined) secureUrl(feed.uri, 'revocation.uri');
  return {
    issuer,
    audience: someOf('audience', audience, isText),
    algorithms: someOf('algorithms', algorithms, isAlgorithm),
    clockToleranceSeconds: within('clockToleranceSeconds', options.clockToleranceSeconds, 5, 0, 300),
    maxTokenAgeSeconds: within('maxTokenAgeSeconds', options.maxTokenAgeSeconds, Infinity, 1, Number.MAX_SAFE_INTEGER),
    mustBeFresh: onStale === 'refuse',
    staleSeconds: within('revocation.staleSeconds', feed.staleSeconds, 60, 1, 3600),
    timeoutMs: within('jwks.timeoutMs', jwks.timeoutMs, 5000, 1, 60_000),
    staleIfErrorSeconds: within('jwks.staleIfErrorSeconds', jwks.staleIfErrorSeconds, 3600, 0, 86_400),
    entriesMax: options.cache === false ? 0 : within('cache.entriesMax', cache.entriesMax, 1000, 1, 100_000),
    on: part('on', options.on),
    jwks,
    revocation,
    clock,
  };
}

/** The options of this name; none when it was left out, or switched off. */
function part<T extends object>(name: string, value: T | false | undefined): Partial<T> {
  if (value === undefined || value === false) return {};
  if (isObject(value)) return value;
  throw new TypeError(`${name} must be an object`);
}

function someOf<T>(name: string, value: unknown, accepts: (item: unknown) => item is T): readonly T[] {
  const list = [value].flat();
  if (list.length > 0 && list.every(accepts)) return list;
  throw new TypeError(`${name} must be one or more known names`);
}

/** The number given, or the usual one, which need not be within the bounds. */
function within(name: string, value: number | undefined, usual: number, min: number, max: number): number {
  if (value === undefined || (Number.isFinite(value) && value >= min && value <= max)) return value ?? usual;
  throw new TypeError(`${name} must be a number from ${min} to ${max}`);
}
