import { RoleMissing, ScopeMissing } from '../errors/index.ts';
import { type Auth, holds, listed, type Permissions } from './auth.ts';

/** What a request needs beyond a valid token. */
export interface Needs extends Permissions {
  /** The token was issued at most this many seconds ago. */
  readonly maxAgeSeconds?: number;
}

const known: readonly string[] = ['scope', 'role', 'maxAgeSeconds'] satisfies (keyof Needs)[];

/** A misspelt need would silently ask for nothing, so an unknown one is a programming error: TypeError. */
export function assertNeeds(needs: object): void {
  for (const name in needs) {
    if (!known.includes(name)) throw new TypeError(`Unknown need "${name}": use ${known.join(', ')}`);
  }
}

/** Throws ScopeMissing or RoleMissing, naming all that is required. */
export function checkPermissions(auth: Auth<unknown>, { scope, role }: Permissions): void {
  if (!holds(auth.scopes, scope)) throw new ScopeMissing({ required: listed(scope) });
  if (!holds(auth.roles, role)) throw new RoleMissing({ required: listed(role) });
}

/** For a guard whose only purpose is a permission: TypeError when it asks for none. */
export function assertAsksForSomething(permissions: Permissions): void {
  assertNeeds(permissions);
  if (!permissions.scope?.length && !permissions.role?.length)
    throw new TypeError('requires() needs a scope or a role');
}
