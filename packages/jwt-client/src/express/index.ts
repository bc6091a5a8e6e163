export { auth, type AuthenticatedRequest, authOf } from './auth.ts';
export type { Middleware } from './middleware.ts';
export { requires } from './requires.ts';
