import { InvalidInput } from '@org/core';
import express, { type RequestHandler } from 'express';

import { Refusal } from './refusals.ts';

const BODY_BYTES_MAX = 100_000;
const CREDENTIALS_BYTES_MAX = 5_000;
const DEPTH_MAX = 32;
/** Not open to anybody, and a token alone may have 8 kB. */
const TOKEN_ROUTES: ReadonlySet<string> = new Set(['/api/auth/validate-token', '/api/auth/revoke-token']);

/** Reads JSON bodies: 100 kB, and 5 kB where anybody may send one. Everything else with a body is refused. */
export function jsonBody(): RequestHandler {
  const usual = reader(BODY_BYTES_MAX);
  const credentials = reader(CREDENTIALS_BYTES_MAX);
  return function readBody(request, response, next) {
    const { headers } = request;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return next();
    if (headers['content-length'] === '0') return next();
    if (!request.is('application/json')) throw notJson();
    return (request.path.startsWith('/api/auth/') && !TOKEN_ROUTES.has(request.path) ? credentials : usual)(
      request,
      response,
      next,
    );
  };
}

function reader(limit: number): RequestHandler {
  return express.json({ limit, inflate: false, verify: (_request, _response, bytes) => refuseUnstorable(bytes) });
}

function notJson(): Refusal {
  return new Refusal(
    'request.unsupported_media_type',
    'Send the body as JSON with the header Content-Type: application/json.',
  );
}

/** Deep nesting overflows the stack of whatever walks through it; a NUL is refused by PostgreSQL. */
function refuseUnstorable(bytes: Buffer): void {
  if (depthOf(bytes) > DEPTH_MAX)
    throw new Refusal('request.malformed', `The body is nested deeper than ${DEPTH_MAX} levels.`);
  if (/(?<!\\)(\\\\)*\\u0000/.test(bytes.toString('latin1'))) {
    throw new InvalidInput([{ field: 'body', code: 'control_characters', message: 'must not contain NUL characters' }]);
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (inText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) inText = !inText;
    else if (!inText && OPENING.has(byte)) deepest = Math.max(deepest, ++depth);
    else if (!inText && CLOSING.has(byte)) depth -= 1;
  }
  return deepest;
}
