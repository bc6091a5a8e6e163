import type { UserView } from '../users/index.ts';

/** The claims of our access tokens (RFC 9068, section 2.2). Every way in builds them here. */
export interface AccessTokenClaims {
  iss: string;
  aud: string;
  sub: string;
  client_id: string;
  iat: number;
  exp: number;
  jti: string;
  sid: string;
  scope: string;
  roles: string[];
  email: string;
  email_verified: boolean;
  user_type?: string;
}

export interface TokenSubject {
  user: Pick<UserView, 'id' | 'email' | 'emailVerified' | 'type' | 'roles'>;
  /** What the holder may do; the token's `scope`. */
  permissions: readonly string[];
  clientId: string;
  sessionId: string;
  /** Seconds since 1970. */
  issuedAt: number;
}

export interface TokenFrame {
  issuer: string;
  audience: string;
  tokenId: string;
  /** Seconds since 1970. */
  expiresAt: number;
}

export function buildClaims(subject: TokenSubject, frame: TokenFrame): AccessTokenClaims {
  const { user } = subject;
  return {
    iss: frame.issuer,
    aud: frame.audience,
    sub: user.id,
    client_id: subject.clientId,
    iat: subject.issuedAt,
    exp: frame.expiresAt,
    jti: frame.tokenId,
    sid: subject.sessionId,
    scope: subject.permissions.join(' '),
    roles: [...user.roles],
    email: user.email,
    email_verified: user.emailVerified,
    ...(user.type !== null && { user_type: user.type }),
  };
}
