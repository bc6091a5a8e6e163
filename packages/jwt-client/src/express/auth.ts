import type { IncomingMessage, ServerResponse } from 'node:http';
import { expectAuth } from '../expect-auth.ts';
import { bearerToken } from '../bearer.ts';
import { AccessTokenError } from '../errors/index.ts';
import type { Auth } from '../jwt/auth.ts';
import { assertNeeds, type Needs } from '../jwt/needs.ts';
import type { AsyncVerifier } from '../verifier.ts';
import { answerProblem } from './problem.ts';
import type { Middleware } from './middleware.ts';

declare global {
  // The place that Express leaves open for middleware to type what it adds to a request.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Request {
      /** Set by auth(verifier) of @org/jwt-client/express. */
      auth?: Auth<unknown>;
    }
  }
}

/** A request as Node's http gives it, or Express, which builds on it. */
export interface AuthenticatedRequest extends IncomingMessage {
  auth?: Auth<unknown>;
}

/**
 * Lets a request pass when it carries a valid access token (and what `needs` asks for), and puts
 * who sent it into `req.auth`. Otherwise answers 401, 403 or 503 with problem details (RFC 9457) and
 * `WWW-Authenticate` (RFC 6750). Works in Express 4 and 5, Connect, and plain `node:http`.
 */
export function auth<C>(verifier: Pick<AsyncVerifier<C>, 'verify'>, needs: Needs = {}): Middleware {
  assertNeeds(needs);
  async function authenticate(request: AuthenticatedRequest): Promise<void> {
    request.auth = await verifier.verify(bearerToken(request.headers.authorization), needs);
  }
  async function guard(...[request, response, next]: Parameters<Middleware>): Promise<void> {
    try {
      await authenticate(request);
    } catch (error) {
      return refuse(error, response, next);
    }
    next();
  }
  return function authMiddleware(request, response, next) {
    void guard(request, response, next);
  };
}

function refuse(error: unknown, response: ServerResponse, next: (error?: unknown) => void): void {
  if (error instanceof AccessTokenError) answerProblem(response, error);
  else next(error);
}

/**
 * Who sent the request, typed; for handlers behind auth(verifier).
 * Throws when there is no such middleware before the handler: a mistake in the routes, not of the caller.
 */
export function authOf(request: { readonly auth?: Auth<unknown> | undefined }): Auth<unknown> {
  return expectAuth(request.auth);
}
