export { InvalidCredentials, WrongPassword } from './errors.ts';
export { checkPassword, hashPassword, isOutdated, PASSWORD_LENGTH_MAX, verifyPassword } from './password.ts';
export { findClaimant, findPasswordHash, replacePasswordHash, storePasswordHash } from './store.ts';
