import { AccessTokenError, type ErrorDetails } from './access-token-error.ts';

// The reasons that an application may find itself, when it reads the header or checks a permission on its own:
// it throws these, and they are answered like all others.

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
