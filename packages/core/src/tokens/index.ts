export type { AccessTokenClaims } from './claims.ts';
export { issueAccessToken } from './issue.ts';
export { signJws } from './sign.ts';
