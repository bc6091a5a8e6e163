/** What each refusal means on the wire: the HTTP status, the RFC 6750 section 3.1 error, and words for people. */
interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly challenge: 'invalid_token' | 'insufficient_scope' | undefined;
  readonly detail: string;
}

const invalid = (detail: string) => ({ status: 401, challenge: 'invalid_token', detail }) as const;
const insufficient = (detail: string) => ({ status: 403, challenge: 'insufficient_scope', detail }) as const;

export const refusals = {
  // RFC 6750 section 3.1: without credentials the challenge carries no error code.
  token_missing: {
    status: 401,
    challenge: undefined,
    detail: 'No access token was sent: add the header "Authorization: Bearer <access token>".',
  },
  token_malformed: invalid('The access token is not a JWT in compact form: send it exactly as it was issued.'),
  token_too_large: invalid('The access token is longer than 8192 characters: ask the issuer for a smaller one.'),
  type_mismatch: invalid(
    'This is not an access token (typ at+jwt): do not send an ID token or another JWT in its place.',
  ),
  algorithm_not_allowed: invalid('The access token is signed with an algorithm that is not accepted here.'),
  critical_unsupported: invalid('The access token demands an extension (crit, b64) that is not supported here.'),
  kid_invalid: invalid('The access token does not name its signing key (kid) in a usable way.'),
  kid_unknown: invalid('The issuer does not publish the key that signed this access token: get a new token.'),
  signature_invalid: invalid('The signature of the access token is wrong: get a new token.'),
  claim_missing: invalid('The access token lacks a required claim.'),
  claim_invalid: invalid('A claim of the access token has the wrong type.'),
  issuer_mismatch: invalid('The access token comes from another issuer.'),
  audience_mismatch: invalid('The access token was issued for another service: ask for this audience.'),
  token_expired: invalid('The access token has expired: refresh it and try again.'),
  token_not_yet_valid: invalid('The access token is not valid yet: try again later.'),
  token_issued_in_future: invalid('The access token was issued in the future: check the clocks of both machines.'),
  token_too_old: invalid('The access token was issued too long ago for this request: get a new one.'),
  claims_rejected: invalid('The claims of the access token do not have the shape that this service expects.'),
  scope_missing: insufficient('The access token lacks a scope that this request needs.'),
  role_missing: insufficient('The access token lacks a role that this request needs.'),
  keys_unavailable: {
    status: 503,
    challenge: undefined,
    detail: "The issuer's signing keys cannot be fetched at the moment, so no token can be checked: try again shortly.",
  },
} as const satisfies Record<string, Refusal>;

/** Every reason for which a token is refused. Permanent: a code is never renamed or reused. */
export type ErrorCode = keyof typeof refusals;
