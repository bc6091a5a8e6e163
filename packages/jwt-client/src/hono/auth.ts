import { bearerToken } from '../bearer.ts';
import { AccessTokenError } from '../errors/index.ts';
import { expectAuth } from '../expect-auth.ts';
import type { Auth, Permissions } from '../jwt/auth.ts';
import { assertAsksForSomething, assertNeeds, checkPermissions, type Needs } from '../jwt/needs.ts';
import type { AsyncVerifier } from '../verifier.ts';
import { problemResponse } from '../web/problem.ts';

/** What is used of a Hono context; Hono itself is not needed for the types. */
export interface Context {
  readonly req: { readonly raw: Request };
}

export type Middleware = (context: Context, next: () => Promise<void>) => Promise<Response | undefined>;

// By request rather than by a variable of the context, whose names the application declares.
const admitted = new WeakMap<Request, Auth<unknown>>();

/**
 * Lets a request pass when it carries a valid access token (and what `needs` asks for): `app.use(auth(verifier))`, with
 * the verifier of `@org/jwt-client` or of `/web`. Otherwise answers 401, 403 or 503 with problem details (RFC 9457) and
 * `WWW-Authenticate` (RFC 6750). Handlers learn who sent the request from authOf(context).
 */
export function auth<C>(verifier: Pick<AsyncVerifier<C>, 'verify'>, needs: Needs = {}): Middleware {
  assertNeeds(needs);
  return refusing(async function authenticate({ req: { raw } }) {
    admitted.set(raw, await verifier.verify(bearerToken(raw.headers.get('authorization')), needs));
  });
}

/**
 * Guards one route behind auth(verifier): `app.get('/reports', requires({ scope: 'users:read' }), handler)`.
 * Throws TypeError when nothing is asked for.
 */
export function requires(permissions: Permissions): Middleware {
  assertAsksForSomething(permissions);
  return refusing(async function checkAuth(context) {
    checkPermissions(authOf(context), permissions);
  });
}

/** Who sent the request; throws when no auth(verifier) ran before: a mistake in the routes, not of the caller. */
export function authOf({ req }: Context): Auth<unknown> {
  return expectAuth(admitted.get(req.raw));
}

function refusing(check: (context: Context) => Promise<void>): Middleware {
  return async function middleware(context, next) {
    try {
      await check(context);
    } catch (error) {
      if (error instanceof AccessTokenError) return problemResponse(error);
      throw error;
    }
    await next();
    return undefined;
  };
}
