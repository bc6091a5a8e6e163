import { readText, rejectWhenAborted } from '../http/download.ts';
import { isObject } from '../jws/json.ts';
import { ServiceTokenError } from './service-token-error.ts';

export interface TokenRequest {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}

export interface GrantedToken {
  readonly accessToken: string;
  readonly lifetimeSeconds: number;
}

const bodyBytesMax = 64 * 1024;
const tokenCharactersMax = 8192;
const lifetimeSecondsUsual = 300;
const lifetimeSecondsMax = 86_400;

/** Asks for a token with the client's own credentials, RFC 6749 section 4.4. Throws ServiceTokenError. */
export async function requestToken(request: TokenRequest): Promise<GrantedToken> {
  const signal = AbortSignal.timeout(request.timeoutMs);
  // Raced as well as passed on: a fetch handed in from outside may not listen to the signal.
  const [response, body] = await Promise.race([exchange(request, signal), rejectWhenAborted(signal)]).catch(
    unreachable,
  );
  if (response.ok) return parseGrant(body);
  const { status } = response;
  const code = status >= 400 && status < 500 && status !== 429 ? 'client_refused' : 'token_endpoint_failed';
  throw new ServiceTokenError(code, { status, reason: reasonOf(body) });
}

function unreachable(cause: unknown): never {
  throw new ServiceTokenError('token_endpoint_unreachable', { cause });
}

async function exchange(request: TokenRequest, signal: AbortSignal): Promise<[Response, unknown]> {
  const { tokenUrl, clientId, clientSecret, scope, fetch } = request;
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  const headers = { accept: 'application/json', authorization: basic(clientId, clientSecret) };
  // Redirects are not followed: the secret goes to the token endpoint and nowhere else.
  const response = await fetch(tokenUrl, { method: 'POST', headers, body, redirect: 'manual', signal });
  return [response, parseJson(await readText(response, tokenUrl, bodyBytesMax))];
}

/** RFC 6749 section 2.3.1: both are form-encoded before they are joined, so a colon in the id is no separator. */
const basic = (id: string, secret: string) => `Basic ${btoa(`${formEncoded(id)}:${formEncoded(secret)}`)}`;
const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

/** Undefined for what is no JSON: such an answer is judged by its status alone. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseGrant(body: unknown): GrantedToken {
  const {
    access_token: accessToken,
    token_type: type,
    expires_in: seconds = lifetimeSecondsUsual,
  } = isObject(body) ? body : {};
  const isToken =
    typeof accessToken === 'string' && accessToken.length <= tokenCharactersMax && /^[!-~]+$/.test(accessToken);
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  const isLifetime = typeof seconds === 'number' && seconds > 0;
  if (!isToken || !isBearer || !isLifetime) throw new ServiceTokenError('token_response_invalid');
  return { accessToken, lifetimeSeconds: Math.min(seconds, lifetimeSecondsMax) };
}

/** The error code of RFC 6749 section 5.2, in its alphabet; a description is not repeated, it may quote the request. */
function reasonOf(body: unknown): string | undefined {
  const error = isObject(body) ? body['error'] : undefined;
  return typeof error === 'string' && /^\w{1,64}$/.test(error) ? error : undefined;
}
