import type { IncomingMessage, ServerResponse } from 'node:http';

/** What Express, Connect and plain node:http agree on, so that none of them is needed for the types. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
