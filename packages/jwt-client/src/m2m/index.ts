export { createServiceToken, type ServiceTokenOptions } from './create-service-token.ts';
export { ServiceTokenError, type ServiceTokenReason } from './service-token-error.ts';
