import type { Verifier } from '@org/jwt-client';
import { auth, authOf, requires } from '@org/jwt-client/express';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { home, type Site } from './home.ts';
import { status } from './status.ts';

const localSite: Site = { issuer: 'http://127.0.0.1:8000', address: 'http://127.0.0.1:8100' };

export interface DemoOptions {
  readonly site?: Site;
  /** How many requests the verifier has sent. */
  readonly outgoing?: () => number;
}

/** The application of another team, without listening. All it knows of the users service is the verifier. */
export function createDemoApp(verifier: Verifier, { site = localSite, outgoing = () => 0 }: DemoOptions = {}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/', home(site));
  app.get('/public', (_request, response) => void response.json({ message: 'Everybody may read this.' }));
  app.get('/status', status(verifier, outgoing));
  app.get('/me', auth(verifier), showCaller);
  app.get('/reports', auth(verifier), requires({ scope: 'users:read' }), showReports);
  app.get('/admin', auth(verifier), requires({ role: 'admin' }), showAdmin);
  app.use(notFound);
  app.use(failed);
  return app;
}

const showCaller: RequestHandler = (request, response) => {
  const { subject, kind, roles, scopes } = authOf(request);
  response.set('Cache-Control', 'no-store').json({ subject, kind, roles, scopes });
};

const showReports: RequestHandler = (_request, response) => {
  response.json({ reports: [{ title: 'Sign-ins this week', value: 128 }] });
};

const showAdmin: RequestHandler = (request, response) => {
  response.json({ message: `Welcome, administrator ${authOf(request).subject}.` });
};

const notFound: RequestHandler = (_request, response) => {
  const detail = 'There is nothing here: GET / lists the routes.';
  const problem = { type: 'about:blank', title: 'Not Found', status: 404, detail, code: 'route.not_found' };
  response.status(404).type('application/problem+json').json(problem);
};

const failed: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  // oxlint-disable-next-line no-console -- the log of this small program is its standard error
  console.error(error);
  const detail = 'The request failed; the reason is in the log of the server.';
  const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, detail, code: 'server.failed' };
  response.status(500).type('application/problem+json').json(problem);
};
