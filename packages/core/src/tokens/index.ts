export type { AccessTokenClaims, TokenSubject } from './claims.ts';
export { issueAccessToken } from './issue.ts';
export { issueReceipt, type ReceiptClaims } from './receipt.ts';
export { signJws } from './sign.ts';
