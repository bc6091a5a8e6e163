import { secureUrl } from '../http/secure-url.ts';
import { type GrantedToken, requestToken } from './request-token.ts';
import type { ServiceTokenError } from './service-token-error.ts';

export interface ServiceTokenOptions {
  /** The token endpoint of the issuer: https, loopback excepted. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** Sent to the token endpoint only; in no error and no log. */
  readonly clientSecret: string;
  /** Space-separated. Default: what the client may have. */
  readonly scope?: string;
  /** Limit for one request to the token endpoint: 1..60000, default 5000. */
  readonly timeoutMs?: number;
  /** Replaces the global fetch, for both the token endpoint and your requests. */
  readonly fetch?: typeof fetch;
  /** Epoch milliseconds; for tests. */
  readonly clock?: () => number;
}

interface HeldToken {
  readonly accessToken: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

/** After a failure the token endpoint is left alone for this long, and a valid token serves on. */
const retryMs = 1000;
// Late enough for the token to be of use, early enough for no request to carry one that expires on the way.
const renewAtShare = 0.75;
const jitterShare = 0.1;

/**
 * A fetch that acts for this service: it gets an access token by client credentials (RFC 6749 section 4.4), keeps it,
 * and renews it after three quarters of its life, less up to a tenth at random so that processes do not renew in step.
 * One request at a time goes to the token endpoint, however many wait. An answer of 401 is tried once more with a new
 * token, unless the body is a stream, which cannot be sent twice. Rejects with ServiceTokenError when there is no token.
 */
export function createServiceToken(options: ServiceTokenOptions): typeof fetch {
  const { clock = Date.now, timeoutMs = 5000, scope, clientId, clientSecret } = options;
  const tokenUrl = secureUrl(options.tokenUrl, 'tokenUrl');
  if (!clientId || !clientSecret) throw new TypeError('clientId and clientSecret are required');
  if (!(timeoutMs >= 1 && timeoutMs <= 60_000)) throw new TypeError('timeoutMs must be a number from 1 to 60000');
  const send: typeof fetch = options.fetch ?? ((...request) => fetch(...request));
  let held: HeldToken | undefined;
  let renewal: Promise<string> | undefined;
  let failure: { readonly error: ServiceTokenError; readonly until: number } | undefined;

  async function renew(): Promise<string> {
    try {
      held = hold(await requestToken({ tokenUrl, clientId, clientSecret, scope, timeoutMs, fetch: send }));
      failure = undefined;
      return held.accessToken;
    } catch (error) {
      failure = { error: error as ServiceTokenError, until: clock() + retryMs };
      throw error;
    }
  }

  function hold({ accessToken, lifetimeSeconds }: GrantedToken): HeldToken {
    const lifeMs = lifetimeSeconds * 1000;
    const share = renewAtShare - Math.random() * jitterShare;
    return { accessToken, renewAt: clock() + lifeMs * share, expiresAt: clock() + lifeMs };
  }

  function renewOnce(): Promise<string> {
    if (!renewal && failure && clock() < failure.until) return Promise.reject(failure.error);
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  /** The token at hand while it is good; a renewal that is only due early is not waited for. */
  async function currentToken(): Promise<string> {
    if (!held || clock() >= held.expiresAt) return renewOnce();
    if (clock() >= held.renewAt) renewOnce().catch(() => {}); // The token at hand serves on; the next call tries again.
    return held.accessToken;
  }

  async function sendAs(request: Request, token: string): Promise<Response> {
    request.headers.set('authorization', `Bearer ${token}`);
    return send(request);
  }

  return async function fetchAs(input, init) {
    const token = await currentToken();
    const request = new Request(input, init);
    const again = isStream(input, init) ? undefined : request.clone();
    const response = await sendAs(request, token);
    if (response.status !== 401 || !again) return response;
    await response.body?.cancel();
    if (held?.accessToken === token) held = undefined; // Refused before its time: revoked, or its key withdrawn.
    return sendAs(again, held?.accessToken ?? (await renewOnce()));
  };
}

const isStream = (input: unknown, init: RequestInit | undefined) =>
  init?.body instanceof ReadableStream || (input instanceof Request && input.body !== null && init?.body === undefined);
