import { DomainError } from '../kernel/errors.ts';

/** A refresh token that is unknown, used, expired, or of an ended session: all the same to whoever holds it. */
export class InvalidRefreshToken extends DomainError {
  static readonly reason = {
    code: 'auth.invalid_refresh_token',
    kind: 'unauthenticated',
    title: 'The refresh token is not valid',
  } as const;
  readonly reason = InvalidRefreshToken.reason;

  constructor() {
    super('The refresh token is not valid any more. Sign in again.');
  }
}

/** The user has no such session. */
export class SessionMissing extends DomainError {
  static readonly reason = { code: 'sessions.missing', kind: 'missing', title: 'There is no such session' } as const;
  readonly reason = SessionMissing.reason;

  constructor(id: string) {
    super(`This user has no session ${id}.`);
  }
}
