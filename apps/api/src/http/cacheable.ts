import { createHash } from 'node:crypto';
import type { Request } from 'express';

/** A document with its strong validator (RFC 9110, section 8.8.3). */
export interface Cacheable {
  readonly etag: string;
  readonly contentType: string;
  /** Asked for only when the document is sent. */
  readonly body: () => string;
}

/** A JSON document that changes rarely. */
export function cacheable(json: string): Cacheable {
  return {
    etag: `"${createHash('sha256').update(json).digest('base64url')}"`,
    contentType: 'application/json; charset=utf-8',
    body: () => json,
  };
}

/** Sends the document, or 304 to whoever has it. Nothing but memory is asked, so this works while the database is away. */
export function sendCacheable(request: Request, document: Cacheable, cacheControl: string): void {
  const response = request.res;
  if (response === undefined) throw new Error('the request has no response: Express sets it');
  const held = isHeld(request.get('If-None-Match'), document.etag);
  // Before the headers: an error in its place is not to be cached.
  const body = held ? undefined : document.body();
  response.setHeader('Cache-Control', cacheControl);
  response.setHeader('ETag', document.etag);
  if (body === undefined) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', document.contentType);
  response.end(body);
}

/** RFC 9110, section 13.1.2. Not Express's `fresh`: fetch sends `no-cache` along with every validator, and it gives in to that. */
function isHeld(ifNoneMatch: string | undefined, etag: string): boolean {
  const held = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return held?.some((tag) => tag === etag || tag === '*') ?? false;
}
