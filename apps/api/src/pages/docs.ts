import { Router } from 'express';
import swaggerUi from 'swagger-ui-express';

import { cacheable, sendCacheable } from '../http/cacheable.ts';
import { openApiText } from '../http/openapi.ts';

/** Swagger UI sets styles on elements; its scripts are files of ours, so no inline script is allowed. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const document = cacheable(openApiText);

/** `/api/openapi.json` and, to read and try it out, `/api/docs`. */
export function docs(): Router {
  const router = Router();
  router.get('/api/openapi.json', (request) => sendCacheable(request, document, 'no-cache'));
  router.use('/api/docs', (_request, response, next) => {
    response.setHeader('Content-Security-Policy', POLICY);
    next();
  });
  router.use('/api/docs', swaggerUi.serve, swaggerUi.setup(undefined, options));
  return router;
}

const options = {
  customSiteTitle: 'Users service: API',
  customCss: '.swagger-ui .topbar { display: none }',
  swaggerOptions: { url: '/api/openapi.json', displayRequestDuration: true },
};
