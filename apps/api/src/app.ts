import type { Core } from '@org/core';
import express, { type Express } from 'express';
import type { Logger } from 'pino';

import type { Config } from './config.ts';
import { RegisterRoutes } from './generated/routes.ts';
import { ownVerifier } from './http/authentication.ts';
import { jsonBody } from './http/body.ts';
import { cors } from './http/cors.ts';
import { errorHandler } from './http/error-handler.ts';
import { everyRequest } from './http/every-request.ts';
import type { Door, Lifecycle } from './http/exchange.ts';
import { notFound } from './http/not-found.ts';
import { openApiDocument } from './http/openapi.ts';
import { docs, docsAddresses } from './pages/docs.ts';
import { landing } from './pages/landing.ts';

export interface AppParts {
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
}

/** The whole HTTP side on an open core. It does not listen. */
export function createApp(core: Core, config: Config, parts: AppParts): Express {
  const door: Door = { core, config, ...parts, verifier: ownVerifier(core), inFlight: new Set() };
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').set('trust proxy', config.trustProxy);
  app.use(everyRequest(door));
  if (config.corsOrigins.length > 0) app.use(cors(config.corsOrigins));
  app.use(jsonBody());
  RegisterRoutes(app);
  app.get('/', landing(config.homeUrl));
  app.use(docs());
  app.use(notFound(openApiDocument, ['/', ...docsAddresses]));
  app.use(errorHandler);
  return app;
}
