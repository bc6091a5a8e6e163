import { AccessTokenError, type ErrorDetails } from './access-token-error.ts';

export class TokenMissing extends AccessTokenError {
  declare readonly code: 'token_missing';

  constructor(details?: ErrorDetails) {
    super('token_missing', details);
  }
}

export class TokenMalformed extends AccessTokenError {
  declare readonly code: 'token_malformed';

  constructor(details?: ErrorDetails) {
    super('token_malformed', details);
  }
}

export class TokenTooLarge extends AccessTokenError {
  declare readonly code: 'token_too_large';

  constructor(details?: ErrorDetails) {
    super('token_too_large', details);
  }
}

export class TypeMismatch extends AccessTokenError {
  declare readonly code: 'type_mismatch';

  constructor(details?: ErrorDetails) {
    super('type_mismatch', details);
  }
}

export class AlgorithmNotAllowed extends AccessTokenError {
  declare readonly code: 'algorithm_not_allowed';

  constructor(details?: ErrorDetails) {
    super('algorithm_not_allowed', details);
  }
}

export class CriticalUnsupported extends AccessTokenError {
  declare readonly code: 'critical_unsupported';

  constructor(details?: ErrorDetails) {
    super('critical_unsupported', details);
  }
}

export class KidInvalid extends AccessTokenError {
  declare readonly code: 'kid_invalid';

  constructor(details?: ErrorDetails) {
    super('kid_invalid', details);
  }
}

export class KidUnknown extends AccessTokenError {
  declare readonly code: 'kid_unknown';

  constructor(details?: ErrorDetails) {
    super('kid_unknown', details);
  }
}

export class SignatureInvalid extends AccessTokenError {
  declare readonly code: 'signature_invalid';

  constructor(details?: ErrorDetails) {
    super('signature_invalid', details);
  }
}

export class ClaimMissing extends AccessTokenError {
  declare readonly code: 'claim_missing';

  constructor(details?: ErrorDetails) {
    super('claim_missing', details);
  }
}

export class ClaimInvalid extends AccessTokenError {
  declare readonly code: 'claim_invalid';

  constructor(details?: ErrorDetails) {
    super('claim_invalid', details);
  }
}

export class IssuerMismatch extends AccessTokenError {
  declare readonly code: 'issuer_mismatch';

  constructor(details?: ErrorDetails) {
    super('issuer_mismatch', details);
  }
}

export class AudienceMismatch extends AccessTokenError {
  declare readonly code: 'audience_mismatch';

  constructor(details?: ErrorDetails) {
    super('audience_mismatch', details);
  }
}

export class TokenExpired extends AccessTokenError {
  declare readonly code: 'token_expired';

  constructor(details?: ErrorDetails) {
    super('token_expired', details);
  }
}

export class TokenNotYetValid extends AccessTokenError {
  declare readonly code: 'token_not_yet_valid';

  constructor(details?: ErrorDetails) {
    super('token_not_yet_valid', details);
  }
}

export class TokenIssuedInFuture extends AccessTokenError {
  declare readonly code: 'token_issued_in_future';

  constructor(details?: ErrorDetails) {
    super('token_issued_in_future', details);
  }
}

export class TokenTooOld extends AccessTokenError {
  declare readonly code: 'token_too_old';

  constructor(details?: ErrorDetails) {
    super('token_too_old', details);
  }
}

export class ClaimsRejected extends AccessTokenError {
  declare readonly code: 'claims_rejected';

  constructor(details?: ErrorDetails) {
    super('claims_rejected', details);
  }
}

export class ScopeMissing extends AccessTokenError {
  declare readonly code: 'scope_missing';

  constructor(details?: ErrorDetails) {
    super('scope_missing', details);
  }
}

export class RoleMissing extends AccessTokenError {
  declare readonly code: 'role_missing';

  constructor(details?: ErrorDetails) {
    super('role_missing', details);
  }
}

export class KeysUnavailable extends AccessTokenError {
  declare readonly code: 'keys_unavailable';

  constructor(details?: ErrorDetails) {
    super('keys_unavailable', details);
  }
}

/** The closed union of all refusals: `switch (error.code)` is checked for completeness. */
export type VerificationError =
  | TokenMissing
  | TokenMalformed
  | TokenTooLarge
  | TypeMismatch
  | AlgorithmNotAllowed
  | CriticalUnsupported
  | KidInvalid
  | KidUnknown
  | SignatureInvalid
  | ClaimMissing
  | ClaimInvalid
  | IssuerMismatch
  | AudienceMismatch
  | TokenExpired
  | TokenNotYetValid
  | TokenIssuedInFuture
  | TokenTooOld
  | ClaimsRejected
  | ScopeMissing
  | RoleMissing
  | KeysUnavailable;
