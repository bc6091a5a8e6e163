import type { ServerResponse } from 'node:http';
import type { AccessTokenError } from '../errors/index.ts';

/** Answers a refusal: problem details (RFC 9457), the challenge (RFC 6750) or `Retry-After`, never cached. */
export function answerProblem(response: ServerResponse, error: AccessTokenError): void {
  const challenge = error.toWwwAuthenticate();
  response.statusCode = error.status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Cache-Control', 'no-store');
  if (challenge !== undefined) response.setHeader('WWW-Authenticate', challenge);
  if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', error.retryAfterSeconds);
  response.end(JSON.stringify(error.toProblem()));
}
