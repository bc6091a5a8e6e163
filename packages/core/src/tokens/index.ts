export type { AccessTokenClaims } from './claims.ts';
export { issueAccessToken } from './issue.ts';
