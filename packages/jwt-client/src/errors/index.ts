export { AccessTokenError, type ErrorDetails, type Problem, type VerificationError } from './access-token-error.ts';
export type { ErrorCode } from './codes.ts';
export { RoleMissing, ScopeMissing, TokenMalformed, TokenMissing } from './reasons.ts';
