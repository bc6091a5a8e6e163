import { DomainError } from '../kernel/errors.ts';

/** No user has this id. */
export class UserMissing extends DomainError {
  static readonly reason = { code: 'users.missing', kind: 'missing', title: 'There is no such user' } as const;
  readonly reason = UserMissing.reason;

  constructor(id: string) {
    super(`There is no user with the id ${id}.`);
  }
}

/** Another user, perhaps a deleted one, has this address. */
export class EmailTaken extends DomainError {
  static readonly reason = {
    code: 'users.email_taken',
    kind: 'conflict',
    title: 'The e-mail address is in use',
  } as const;
  readonly reason = EmailTaken.reason;

  constructor() {
    super('Another user has this e-mail address. Use another address, or change that user.');
  }
}

/** What was asked for does not go with the user's present status. */
export class WrongStatus extends DomainError {
  static readonly reason = {
    code: 'users.wrong_status',
    kind: 'conflict',
    title: 'The user is in another status',
  } as const;
  readonly reason = WrongStatus.reason;

  constructor(status: string, wanted: string) {
    super(`The user is ${status}; only a user who is ${wanted} can be changed this way.`);
  }
}
