import { DomainError } from '../kernel/errors.ts';

/** The one answer to every failed sign-in, so that nobody learns which addresses exist. */
export class InvalidCredentials extends DomainError {
  static readonly reason = {
    code: 'auth.invalid_credentials',
    kind: 'unauthenticated',
    title: 'The e-mail address or the password is wrong',
  } as const;
  readonly reason = InvalidCredentials.reason;

  constructor() {
    super('The e-mail address or the password is wrong.');
  }
}

/** The current password does not fit. The request is at fault, not the access token: signing in again would not help. */
export class WrongPassword extends DomainError {
  static readonly reason = {
    code: 'auth.current_password_wrong',
    kind: 'invalid',
    title: 'The current password is wrong',
  } as const;
  readonly reason = WrongPassword.reason;
  override readonly fields = [{ field: 'current_password', code: 'wrong', message: 'must be the current password' }];

  constructor() {
    super('The current password is wrong. Nothing was changed.');
  }
}
