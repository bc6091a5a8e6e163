import type { IocContainerFactory } from '@tsoa/runtime';
import type { Request } from 'express';

import { coreFor } from './exchange.ts';

/**
 * Hands a controller the core that acts for the caller. Called by the generated routes.
 * @public
 */
export const iocContainer: IocContainerFactory<Request> = (request) => ({
  get: <T>(controller: unknown): T => new (controller as new (core: unknown) => T)(coreFor(request)),
});
