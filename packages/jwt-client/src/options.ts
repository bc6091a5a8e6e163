import type { VerificationError } from './errors/index.ts';
import type { JSONWebKeySet } from './jwks/jwk.ts';
import type { JwksEvent } from './jwks/remote-key-set.ts';
import { type Algorithm, algorithms } from './jws/algorithms.ts';
import type { Auth } from './jwt/auth.ts';
import type { Expectations } from './jwt/validity.ts';
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

/** For metrics and logs. A hook that throws becomes a process warning; it never changes the answer. */
export interface VerifierHooks {
  readonly verified?: (auth: Auth<unknown>) => void;
  readonly rejected?: (error: VerificationError) => void;
  readonly jwks?: (event: JwksEvent) => void;
}

export interface Settings extends Expectations {
  readonly algorithms: readonly Algorithm[];
  readonly jwks: JwksOptions;
  readonly timeoutMs: number;
  readonly staleIfErrorMs: number;
  readonly cacheEntriesMax: number;
  readonly clock: () => number;
}

const offered = Object.keys(algorithms) as Algorithm[];

/** The options with defaults, checked: a verifier that would accept too much is never made. Throws TypeError. */
export function parseOptions(options: VerifierOptions<never>): Settings {
  const { issuer, audience, algorithms: allowed = offered, jwks = {}, cache = {}, clock = Date.now } = options;
  if (!isText(issuer)) throw new TypeError('issuer is required: the base URL of the issuer, as in the iss claim');
  if (jwks.uri !== undefined && jwks.keys) throw new TypeError('Give jwks.uri or jwks.keys, not both');
  return {
    issuer,
    audiences: texts(audience, 'audience is required: the name of this service, as in the aud claim'),
    algorithms: parseAlgorithms(allowed),
    clockToleranceSeconds: within('clockToleranceSeconds', options.clockToleranceSeconds ?? 5, 0, 300),
    maxTokenAgeSeconds: parseMaxAge(options.maxTokenAgeSeconds),
    jwks,
    timeoutMs: within('jwks.timeoutMs', jwks.timeoutMs ?? 5000, 1, 60_000),
    staleIfErrorMs: within('jwks.staleIfErrorSeconds', jwks.staleIfErrorSeconds ?? 3600, 0, 86_400) * 1000,
    cacheEntriesMax: cache === false ? 0 : within('cache.entriesMax', cache.entriesMax ?? 1000, 1, 100_000),
    clock,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function texts(value: string | readonly string[], message: string): readonly string[] {
  const list: readonly unknown[] = typeof value === 'string' ? [value] : [...value];
  if (list.length === 0 || !list.every(isText)) throw new TypeError(message);
  return list;
}

function parseAlgorithms(allowed: readonly Algorithm[]): readonly Algorithm[] {
  const list = texts(allowed, 'algorithms must name at least one algorithm') as readonly Algorithm[];
  const unknown = list.find((name) => !offered.includes(name));
  if (unknown !== undefined) throw new TypeError(`The algorithm ${unknown} is not offered: use ${offered.join(', ')}`);
  return list;
}

function parseMaxAge(seconds: number | undefined): number {
  return seconds === undefined ? Infinity : within('maxTokenAgeSeconds', seconds, 1, Number.MAX_SAFE_INTEGER);
}

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new TypeError(`${name} must be a number from ${min} to ${max}`);
}
