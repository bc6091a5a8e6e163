export { buildClaims, type AccessTokenClaims, type TokenFrame, type TokenSubject } from './claims.ts';
export { issueAccessToken, type AccessToken } from './issue.ts';
export { issueReceipt, type ReceiptClaims } from './receipt.ts';
