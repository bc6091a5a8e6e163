import type { RequestHandler } from 'express';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'Authorization, Content-Type, Idempotency-Key, X-Request-ID, X-Correlation-ID, traceparent';
const RESPONSE_HEADERS = 'Location, Retry-After, Idempotent-Replayed, X-Correlation-ID, WWW-Authenticate';
const PREFLIGHT_SECONDS = '600';

/** Lets pages of exactly these origins call the API. No credentials: our tokens travel in a header, never in a cookie. */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return function shareWithOrigin(request, response, next) {
    const { origin } = request.headers;
    response.vary('Origin');
    if (origin === undefined || !allowed.has(origin)) return next();
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', RESPONSE_HEADERS);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return next();
    response.setHeader('Access-Control-Allow-Methods', METHODS);
    response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
    response.status(204).end();
  };
}
