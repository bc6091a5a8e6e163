import type { RequestHandler } from 'express';

import type { OpenApiDocument } from './openapi.ts';
import { Refusal, routeMissing } from './refusals.ts';

/** Comes after all routes: an address that exists answers 405 (or OPTIONS) with `Allow`, any other 404. */
export function notFound({ paths }: OpenApiDocument, pages: readonly string[]): RequestHandler {
  const operations = Object.entries(paths).map(([path, item]) => known(path, Object.keys(item)));
  const routes = [...operations, ...pages.map((path) => known(path, ['get']))];
  return function refuse({ method, path }, response) {
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    // A page at exactly one address matches here with a trailing slash as well, and has not answered.
    if (methods.length === 0 || methods.includes(method)) throw routeMissing();
    const allowed = [...new Set(['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods])]
      .toSorted()
      .join(', ');
    response.setHeader('Allow', allowed);
    if (method !== 'OPTIONS')
      throw new Refusal('route.method_not_allowed', `This address does not answer ${method}. It answers ${allowed}.`);
    response.status(204).end();
  };
}

interface Known {
  readonly pattern: RegExp;
  readonly methods: readonly string[];
}

/** A trailing slash changes nothing. */
function known(path: string, methods: readonly string[]): Known {
  const address = path
    .replace(/\/$/, '')
    .replaceAll('.', '\\.')
    .replace(/\{\w+\}/g, '[^/]+');
  return { pattern: new RegExp(`^${address}/?$`), methods: methods.map((method) => method.toUpperCase()) };
}
