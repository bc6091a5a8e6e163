export { auth, authOf, type Middleware, requires } from './auth.ts';
