import type { ServerResponse } from 'node:http';
import type { AccessTokenError } from '../errors/index.ts';
import { problemHeaders } from '../problem.ts';

/** Answers a refusal: problem details (RFC 9457). */
export function answerProblem(response: ServerResponse, error: AccessTokenError): void {
  response.writeHead(error.status, problemHeaders(error)).end(JSON.stringify(error.toProblem()));
}
