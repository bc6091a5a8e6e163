import { Router, type RequestHandler } from 'express';
import swaggerUi from 'swagger-ui-express';

import { cacheable, sendCacheable } from '../http/cacheable.ts';
import { openApiText } from '../http/openapi.ts';

/** Swagger UI sets styles on elements; its scripts are files of ours, so no inline script is allowed. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const document = cacheable(openApiText);

/** The document, the page, and the files that the page loads. */
export const docsAddresses: readonly string[] = [
  '/api/openapi.json',
  '/api/docs',
  '/api/docs/',
  '/api/docs/favicon-16x16.png',
  '/api/docs/favicon-32x32.png',
  '/api/docs/swagger-ui-bundle.js',
  '/api/docs/swagger-ui-init.js',
  '/api/docs/swagger-ui-standalone-preset.js',
  '/api/docs/swagger-ui.css',
];

/** `/api/openapi.json` and, to read and try it out, `/api/docs`. */
export function docs(): Router {
  const router = Router();
  router.use(leaveTheRest(new Set(docsAddresses)));
  router.get('/api/openapi.json', (request) => sendCacheable(request, document, 'no-cache'));
  router.use('/api/docs', (_request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    next();
  });
  router.use('/api/docs', swaggerUi.serve, swaggerUi.setup(undefined, options));
  return router;
}

/** Swagger UI would answer its page at every address below it, to every method. */
function leaveTheRest(addresses: ReadonlySet<string>): RequestHandler {
  return ({ method, path }, _response, next) => {
    if (addresses.has(path) && (method === 'GET' || method === 'HEAD')) next();
    else next('router');
  };
}

const options = {
  customSiteTitle: 'Users service: API',
  customCss: '.swagger-ui .topbar { display: none }',
  swaggerOptions: { url: '/api/openapi.json', displayRequestDuration: true },
};
