export { auth, authOf, type Hook, requires } from './auth.ts';
