import { DomainError } from '../kernel/errors.ts';

/** A role is named that does not exist. */
export class RoleUnknown extends DomainError {
  static readonly reason = { code: 'roles.unknown', kind: 'invalid', title: 'There is no such role' } as const;
  readonly reason = RoleUnknown.reason;

  constructor(names: readonly string[]) {
    super(`There is no role named ${names.join(', ')}. GET /api/roles lists the roles that exist.`);
  }
}

/** The change would leave nobody who may administer the service. */
export class LastAdmin extends DomainError {
  static readonly reason = {
    code: 'roles.last_admin',
    kind: 'conflict',
    title: 'This is the last active admin',
  } as const;
  readonly reason = LastAdmin.reason;

  constructor() {
    super('This user is the last active admin. Make another user admin first.');
  }
}
