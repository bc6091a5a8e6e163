import type { RequestHandler } from 'express';

import type { OpenApiDocument } from './openapi.ts';
import { Refusal, routeMissing } from './refusals.ts';

/** Comes after all routes: an address that exists answers 405 (or OPTIONS) with `Allow`, any other 404. */
export function notFound({ paths }: OpenApiDocument): RequestHandler {
  const known = Object.entries(paths).map(([path, item]) => ({
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
    methods: Object.keys(item).map((method) => method.toUpperCase()),
  }));
  return function refuse({ method, path }, response) {
    const methods = known.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    if (methods.length === 0) throw routeMissing();
    const allowed = [...new Set(['OPTIONS', ...(methods.includes('GET') ? ['HEAD'] : []), ...methods])]
      .toSorted()
      .join(', ');
    response.setHeader('Allow', allowed);
    if (method !== 'OPTIONS')
      throw new Refusal('route.method_not_allowed', `This address does not answer ${method}. It answers ${allowed}.`);
    response.status(204).end();
  };
}
