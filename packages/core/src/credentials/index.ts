export { InvalidCredentials } from './errors.ts';
export { checkPassword, hashPassword, isOutdated, PASSWORD_LENGTH_MAX, verifyPassword } from './password.ts';
export { findClaimant, storePasswordHash } from './store.ts';
