import { AccessTokenError } from '../errors/index.ts';
import type { Permissions } from '../jwt/auth.ts';
import { assertAsksForSomething, checkPermissions } from '../jwt/needs.ts';
import { type AuthenticatedRequest, authOf } from './auth.ts';
import type { Middleware } from './middleware.ts';
import { answerProblem } from './problem.ts';

/**
 * Guards one route behind auth(verifier): `app.get('/reports', requires({ scope: 'users:read' }), handler)`.
 * Every scope and every role named is needed; otherwise 403. Throws TypeError when nothing is asked for.
 */
export function requires(permissions: Permissions): Middleware {
  assertAsksForSomething(permissions);
  return function requiresMiddleware(request: AuthenticatedRequest, response, next) {
    const auth = authOf(request);
    try {
      checkPermissions(auth, permissions);
    } catch (error) {
      if (!(error instanceof AccessTokenError)) throw error;
      return answerProblem(response, error);
    }
    next();
  };
}
