import { createHash } from 'node:crypto';
import type { Request } from 'express';

/** A document that changes rarely, as it is sent, with its strong validator (RFC 9110, section 8.8.3). */
export interface CacheableText {
  readonly body: string;
  readonly etag: string;
}

export function cacheable(body: string): CacheableText {
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

/** Sends the document, or 304 to whoever has it. Nothing but memory is asked, so this works while the database is away. */
export function sendCacheable(request: Request, { body, etag }: CacheableText, cacheControl: string): void {
  const response = request.res;
  if (response === undefined) throw new Error('the request has no response: Express sets it');
  response.setHeader('Cache-Control', cacheControl);
  response.setHeader('ETag', etag);
  if (isHeld(request.get('If-None-Match'), etag)) {
    response.status(304).end();
    return;
  }
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(body);
}

/** RFC 9110, section 13.1.2. Not Express's `fresh`: fetch sends `no-cache` along with every validator, and it gives in to that. */
function isHeld(ifNoneMatch: string | undefined, etag: string): boolean {
  const held = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return held?.some((tag) => tag === etag || tag === '*') ?? false;
}
