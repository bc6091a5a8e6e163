export { endSessions } from './end.ts';
export { InvalidRefreshToken } from './errors.ts';
export { createFeedReader, type FeedReader, type RevocationFeed } from './feed.ts';
export { FIRST_PARTY_CLIENT, login } from './login.ts';
export { logout, logoutAll } from './logout.ts';
export { refresh, REFRESH_GRACE_SECONDS } from './refresh.ts';
export { createRevocationList, type TokenFacts } from './revocations.ts';
export { revokeIssuedTokens } from './revoke.ts';
export type { Issuer, TokenPair } from './tokens.ts';
