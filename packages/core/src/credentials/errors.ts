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
