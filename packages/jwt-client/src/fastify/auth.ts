import { bearerToken } from '../bearer.ts';
import { AccessTokenError } from '../errors/index.ts';
import { expectAuth } from '../expect-auth.ts';
import type { Auth, Permissions } from '../jwt/auth.ts';
import { assertAsksForSomething, assertNeeds, checkPermissions, type Needs } from '../jwt/needs.ts';
import { problemHeaders } from '../problem.ts';
import type { AsyncVerifier } from '../verifier.ts';

/** What is used of a Fastify request; Fastify itself is not needed for the types. */
interface FastifyRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

/** What is used of a Fastify reply. */
interface FastifyReply {
  code(status: number): FastifyReply;
  headers(headers: Record<string, string>): FastifyReply;
  send(body: string): FastifyReply;
}

/** A hook of Fastify 4 and 5, for `onRequest` or `preHandler`. */
export type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

// Beside the request, which other plugins may freeze or type: no decorator has to be declared.
const admitted = new WeakMap<object, Auth<unknown>>();

/**
 * Lets a request pass when it carries a valid access token (and what `needs` asks for):
 * `app.addHook('onRequest', auth(verifier))`. Otherwise answers 401, 403 or 503 with problem details (RFC 9457) and
 * `WWW-Authenticate` (RFC 6750). Handlers learn who sent the request from authOf(request).
 */
export function auth<C>(verifier: Pick<AsyncVerifier<C>, 'verify'>, needs: Needs = {}): Hook {
  assertNeeds(needs);
  return refusing(async function authenticate(request) {
    admitted.set(request, await verifier.verify(bearerToken(request.headers.authorization), needs));
  });
}

/**
 * Guards one route behind auth(verifier): `app.get('/reports', { onRequest: requires({ scope: 'users:read' }) }, handler)`.
 * Throws TypeError when nothing is asked for.
 */
export function requires(permissions: Permissions): Hook {
  assertAsksForSomething(permissions);
  return refusing(async function checkAuth(request) {
    checkPermissions(authOf(request), permissions);
  });
}

/** Who sent the request; throws when no auth(verifier) ran before: a mistake in the routes, not of the caller. */
export function authOf(request: object): Auth<unknown> {
  return expectAuth(admitted.get(request));
}

/** Answering in a hook ends the request; any other error goes to the error handler of the application. */
function refusing(check: (request: FastifyRequest) => Promise<void>): Hook {
  return async function hook(request, reply) {
    try {
      return await check(request);
    } catch (error) {
      if (!(error instanceof AccessTokenError)) throw error;
      return reply.code(error.status).headers(problemHeaders(error)).send(JSON.stringify(error.toProblem()));
    }
  };
}
