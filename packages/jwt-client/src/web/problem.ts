import type { AccessTokenError } from '../errors/index.ts';
import { problemHeaders } from '../problem.ts';

/** A refusal as a Response: problem details (RFC 9457). */
export function problemResponse(error: AccessTokenError): Response {
  return new Response(JSON.stringify(error.toProblem()), { status: error.status, headers: problemHeaders(error) });
}
