const reasons = {
  receipt_malformed: 'is not a signed receipt in compact form: store and send it exactly as it was issued',
  receipt_untrusted: 'is not signed by a key of this issuer: hand over the key set of the time when it was issued',
  receipt_mismatch: 'is not the one that was expected',
};

export type ReceiptReason = keyof typeof reasons;

/** Why a receipt proves nothing. It holds no part of the receipt. */
export class ReceiptInvalid extends Error {
  readonly code: ReceiptReason;
  /** The member at fault. */
  readonly member: string | undefined;

  constructor(code: ReceiptReason, details: { readonly member?: string; readonly cause?: unknown } = {}) {
    const about = details.member === undefined ? '' : ` (${details.member})`;
    super(`The receipt ${reasons[code]}${about}.`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.member = details.member;
  }

  override get name(): string {
    return 'ReceiptInvalid';
  }
}
