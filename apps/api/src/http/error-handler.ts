import type { ErrorRequestHandler, Request, Response } from 'express';

import { loggable } from './log.ts';
import { failureOf, problemBody, PROBLEM_TYPE, unexpected, type Failure } from './problem.ts';

/** Answers every error as problem+json (RFC 9457). What nobody foresaw is logged and answered without a trace of it. */
export const errorHandler: ErrorRequestHandler = (error, request, response, _next) => {
  const failure = failureOf(error) ?? unexpected;
  if (failure.status >= 500) logFailure(request, error, failure);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendFailure(request, response, failure);
};

function logFailure({ exchange }: Request, error: unknown, { status }: Failure): void {
  const level = status === 500 ? 'error' : 'warn';
  exchange.door.log[level]({ correlation_id: exchange.correlationId, error: loggable(error) }, 'failed');
}

function sendFailure(request: Request, response: Response, failure: Failure): void {
  response.status(failure.status);
  for (const [name, value] of Object.entries(failure.headers ?? {})) response.setHeader(name, value);
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.end(problemBody(request, failure));
}
