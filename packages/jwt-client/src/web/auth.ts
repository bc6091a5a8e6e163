import { bearerToken } from '../bearer.ts';
import { AccessTokenError } from '../errors/index.ts';
import type { Auth } from '../jwt/auth.ts';
import { assertNeeds, type Needs } from '../jwt/needs.ts';
import type { AsyncVerifier } from '../verifier.ts';
import { problemResponse } from './problem.ts';

/** Who sent the request, or what to answer instead. */
export type Admission<C> =
  | { readonly ok: true; readonly auth: Auth<C> }
  | { readonly ok: false; readonly response: Response };

/**
 * Guards a fetch handler: `const { ok, auth, response } = await admit(request)`. The refusal is problem details
 * (RFC 9457) with `WWW-Authenticate` (RFC 6750), ready to be returned.
 */
export function auth<C>(
  verifier: Pick<AsyncVerifier<C>, 'verify'>,
  needs: Needs = {},
): (request: Request) => Promise<Admission<C>> {
  assertNeeds(needs);
  return async function admit(request) {
    try {
      const token = bearerToken(request.headers.get('authorization'));
      return { ok: true, auth: await verifier.verify(token, needs) };
    } catch (error) {
      if (error instanceof AccessTokenError) return { ok: false, response: problemResponse(error) };
      throw error;
    }
  };
}
