export type { JSONWebKeySet } from '../jwks/jwk.ts';
export type { Algorithm } from '../jws/algorithms.ts';
export { ReceiptInvalid, type ReceiptReason } from './receipt-invalid.ts';
export { type Receipt, type ReceiptOptions, type VerifiedReceipt, verifyReceipt } from './verify-receipt.ts';
