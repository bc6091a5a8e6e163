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
