import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';

import { correlationIdOf, traceIdOf } from './correlation.ts';
import type { Door } from './exchange.ts';
import { Refusal } from './refusals.ts';

/** On every answer; pages and the API documentation replace the policy and the caching with their own. */
const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
];
const overHttps = ['Strict-Transport-Security', 'max-age=31536000; includeSubDomains'] as const;

/** `/api/v1` answers the same routes: the first version of the contract is the only one. */
const VERSIONED = '/api/v1/';

/** The one step that every request takes: headers, correlation id, log line. One step, because each costs every request. */
export function everyRequest(door: Door): RequestHandler {
  const headers = door.config.settings.issuer.startsWith('https:') ? [...securityHeaders, overHttps] : securityHeaders;
  // These lines have fixed members: looking for secrets in each of them costs as much as writing it.
  const answers = door.log.child({}, { redact: [] });
  return function begin(request, response, next) {
    if (request.url.startsWith(VERSIONED)) request.url = `/api${request.url.slice(VERSIONED.length - 1)}`;
    const correlationId = correlationIdOf(request.headers);
    request.exchange = {
      door,
      correlationId,
      traceId: traceIdOf(request.headers),
      startedMs: performance.now(),
      caller: undefined,
    };
    for (const [name, value] of headers) response.setHeader(name, value);
    response.setHeader('X-Correlation-ID', correlationId);
    // A connection that goes on would be cut in the end; one that is told to close is not.
    if (door.lifecycle.phase === 'closing') response.setHeader('Connection', 'close');
    response.once('close', () => logAnswer(answers, request, response));
    // PostgreSQL cannot take it as text, so no use case could answer more usefully.
    if (request.url.includes('%00')) throw new Refusal('request.malformed', 'The address holds a NUL character.');
    next();
  };
}

const PATH_LENGTH_MAX = 200;

/** The route; where there is none, the path without its query, as visible ASCII: a terminal obeys other bytes. */
function addressOf({ route, originalUrl }: Request): { route?: string; path?: string } {
  const template = (route as { path?: string } | undefined)?.path;
  if (template !== undefined) return { route: template };
  const path = originalUrl.split('?', 1)[0] ?? '';
  // A mistyped link may hold a one-time token: what is as long as one is left out.
  return {
    path: path
      .slice(0, PATH_LENGTH_MAX)
      .replace(/[^\x21-\x7e]/g, '?')
      .replace(/[\w~.%=-]{16,}/g, '*'),
  };
}

/** One line for each request: never a body, a header or a query, where passwords and tokens are. */
function logAnswer(answers: Logger, request: Request, response: Response): void {
  const { correlationId, traceId, startedMs, caller } = request.exchange;
  answers.info(
    {
      method: request.method,
      ...addressOf(request),
      status: response.writableFinished ? response.statusCode : undefined,
      ms: Math.round((performance.now() - startedMs) * 10) / 10,
      correlation_id: correlationId,
      trace_id: traceId,
      actor: caller?.actor,
    },
    response.writableFinished ? 'answered' : 'aborted by the client',
  );
}
