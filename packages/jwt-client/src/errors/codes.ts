// One table per HTTP status. Each text completes "The access token ...".

const unauthorized = {
  token_missing: 'is missing: send "Authorization: Bearer <access token>"',
  token_malformed: 'is no compact JWT: send it exactly as issued',
  token_too_large: 'is longer than 8192 characters',
  type_mismatch: 'is not one: its typ is not at+jwt',
  algorithm_not_allowed: 'is signed with an algorithm not accepted here',
  critical_unsupported: 'demands an extension (crit, b64) not accepted here',
  kid_invalid: 'does not name its key (kid)',
  kid_unknown: 'is signed with a key the issuer does not publish: get a new one',
  signature_invalid: 'has a wrong signature: get a new one',
  claim_missing: 'lacks a claim',
  claim_invalid: 'has a claim of the wrong type',
  issuer_mismatch: 'was issued by another issuer',
  audience_mismatch: 'was issued for another service',
  token_expired: 'has expired: refresh it',
  token_not_yet_valid: 'is not valid yet: try again shortly',
  token_issued_in_future: 'was issued in the future: compare the clocks',
  token_too_old: 'was issued too long ago: get a new one',
  token_revoked: 'was revoked: sign in again',
  claims_rejected: 'has claims not accepted here',
};

export const forbidden = {
  scope_missing: 'lacks a scope',
  role_missing: 'lacks a role',
};

export const unavailable = {
  keys_unavailable: "cannot be checked without the issuer's keys: try again shortly",
  revocations_unavailable: "cannot be checked without the issuer's revocations: try again shortly",
};

/** What each refusal means, in words for people. */
export const reasons = { ...unauthorized, ...forbidden, ...unavailable };

/** Every reason for which a token is refused. Permanent: a code is never renamed or reused. */
export type ErrorCode = keyof typeof reasons;
