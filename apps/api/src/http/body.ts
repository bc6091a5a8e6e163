import { InvalidInput } from '@org/core';
import type { NextFunction, Request, RequestHandler } from 'express';

import { Refusal } from './refusals.ts';

const BODY_BYTES_MAX = 100_000;
const CREDENTIALS_BYTES_MAX = 5_000;
const DEPTH_MAX = 32;

/**
 * Reads JSON bodies: 100 kB, and 5 kB where anybody may send one. Everything else with a body is refused. Our own, since
 * the usual reader also inflates and knows every character set, which takes half of what a small body costs.
 */
export function jsonBody(): RequestHandler {
  return function readBody(request, _response, next) {
    const { headers } = request;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return next();
    if (headers['content-length'] === '0') return next();
    return readJson(request, next);
  };
}

async function readJson(request: Request, next: NextFunction): Promise<void> {
  const { headers, path } = request;
  requireJson(headers['content-type'], headers['content-encoding']);
  const bytesMax = path.startsWith('/api/auth/') ? CREDENTIALS_BYTES_MAX : BODY_BYTES_MAX;
  if (Number(headers['content-length']) > bytesMax) throw tooLarge();
  request.body = parse(await readBytes(request, bytesMax));
  next();
}

function requireJson(type = '', encoding = 'identity'): void {
  if (type !== 'application/json' && !isJsonInUtf8(type)) {
    throw notJson('Send the body as JSON in UTF-8 with the header Content-Type: application/json.');
  }
  if (encoding.toLowerCase() !== 'identity') {
    throw notJson('Compressed bodies are not accepted. Send the body without a Content-Encoding.');
  }
}

function isJsonInUtf8(type: string): boolean {
  const [mediaType = ''] = type.split(';', 1);
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(type)?.[1] ?? 'utf-8';
  return mediaType.trim().toLowerCase() === 'application/json' && charset.toLowerCase() === 'utf-8';
}

function notJson(detail: string): Refusal {
  return new Refusal('request.unsupported_media_type', detail);
}

function tooLarge(): Refusal {
  return new Refusal('request.too_large', 'The body is larger than this operation accepts (100 kB; 5 kB for sign-in).');
}

function malformed(detail: string): Refusal {
  return new Refusal('request.malformed', detail);
}

/** What comes after the limit is read as well, and forgotten: a sender who still writes would not see the answer. */
function readBytes(request: Request, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else reject(tooLarge());
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(malformed('The body ended early.')));
  });
}

const utf8 = new TextDecoder();

function parse(bytes: Buffer): unknown {
  refuseUnstorable(bytes);
  const value = bytes.length === 0 ? {} : jsonOf(utf8.decode(bytes));
  if (typeof value !== 'object' || value === null) throw notAnObject();
  return value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAnObject();
  }
}

function notAnObject(): Refusal {
  return malformed('The body is not a JSON object. Check quotes, commas and brackets.');
}

/** Deep nesting overflows the stack of whatever walks through it; a NUL is refused by PostgreSQL. */
function refuseUnstorable(bytes: Buffer): void {
  if (depthOf(bytes) > DEPTH_MAX) throw malformed(`The body is nested deeper than ${DEPTH_MAX} levels.`);
  if (bytes.includes('\\u0000') && /(?<!\\)(\\\\)*\\u0000/.test(bytes.toString('latin1'))) {
    throw new InvalidInput([{ field: 'body', code: 'control_characters', message: 'must not contain NUL characters' }]);
  }
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [BRACKET, BRACE] = [0x5b, 0x7b];
/** A closing one comes two characters after the one that it closes. */
const CLOSING = 2;

function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (inText && byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) inText = !inText;
    else if (!inText && (byte === BRACKET || byte === BRACE)) deepest = Math.max(deepest, ++depth);
    else if (!inText && (byte === BRACKET + CLOSING || byte === BRACE + CLOSING)) depth -= 1;
  }
  return deepest;
}
