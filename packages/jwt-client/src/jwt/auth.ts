import type { AccessTokenClaims } from './claims.ts';

/** Scopes or roles, all of which are needed. A string may hold several, separated by spaces. */
export type Names = string | readonly string[];

export interface Permissions {
  readonly scope?: Names;
  readonly role?: Names;
}

/** Who sent the request, and what they may do. Frozen: one object serves every request with the same token. */
export class Auth<C = AccessTokenClaims> {
  /** The user's id; for a service its client id. */
  readonly subject: string;
  /** `service` when a service acts for itself (client credentials): then subject and client are the same. */
  readonly kind: 'user' | 'service';
  readonly clientId: string;
  /** The login session; services have none. */
  readonly sessionId: string | undefined;
  readonly tokenId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly expiresAtSeconds: number;
  /** The claims of the token, or what the `claims` schema of the verifier made of them. */
  readonly claims: C;

  constructor(token: AccessTokenClaims, claims: C) {
    this.subject = token.sub;
    this.kind = token.sub === token.client_id ? 'service' : 'user';
    this.clientId = token.client_id;
    this.sessionId = token.sid;
    this.tokenId = token.jti;
    this.scopes = Object.freeze(token.scope?.split(' ').filter(Boolean) ?? []);
    this.roles = token.roles ?? Object.freeze([]);
    this.expiresAtSeconds = token.exp;
    this.claims = claims;
    Object.freeze(this);
  }

  get expiresAt(): Date {
    return new Date(this.expiresAtSeconds * 1000);
  }

  /** True when the token carries every scope and every role asked for. */
  can({ scope, role }: Permissions): boolean {
    return holds(this.scopes, scope) && holds(this.roles, role);
  }
}

/** All needed names are held. An empty string is never held, so a blank need refuses instead of granting. */
export function holds(held: readonly string[], needed: Names | undefined): boolean {
  // Nothing is needed, or the usual single name, without splitting it.
  if (needed === undefined || (typeof needed === 'string' && held.includes(needed))) return true;
  return listed(needed).every((name) => held.includes(name));
}

export const listed = (names: Names = []): readonly string[] => (typeof names === 'string' ? names.split(' ') : names);
