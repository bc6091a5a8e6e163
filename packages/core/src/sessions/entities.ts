import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

import { User } from '../users/entities.ts';

export type SessionEnd = 'logout' | 'revoked' | 'reuse' | 'password' | 'deactivated' | 'deleted' | 'roles';

/** One sign-in on one device. Its refresh tokens are one family and end with it. */
export const Session = defineEntity({
  name: 'Session',
  tableName: 'session',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User).mapToPk().fieldName('user_id').deleteRule('restrict').updateRule('no action'),
    clientId: p.text(),
    device: p.text().default(''),
    address: p.text().default(''),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3),
    idleExpiresAt: p.datetime(3),
    expiresAt: p.datetime(3),
    /** When the newest access token was issued (its `iat`), and when the last of them will have expired. */
    accessIssuedAt: p.datetime(3).nullable(),
    accessExpiresAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    endReason: p.text().$type<SessionEnd>().nullable(),
  },
  indexes: [{ name: 'session_user_index', properties: ['user', 'id'] }],
});
export type Session = InferEntity<typeof Session>;

/** An opaque refresh token, known only by its SHA-256. `claimedAt` is set once, by the use that rotates it. */
export const RefreshToken = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_token',
  properties: {
    hash: p.text().primary(),
    session: () =>
      p.manyToOne(Session).mapToPk().fieldName('session_id').deleteRule('restrict').updateRule('no action'),
    parentHash: p.text().nullable(),
    createdAt: p.datetime(3),
    claimedAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: 'refresh_token_session_index', properties: ['session'] }],
});
export type RefreshToken = InferEntity<typeof RefreshToken>;

/** Named as in the feed: a session, one token, or what a user was issued. */
export type RevocationKind = 'sid' | 'jti' | 'sub';

/**
 * Access tokens that must not be accepted any more although they have not expired: those of a session, one
 * by its `jti`, or those of a user issued before a moment. May be forgotten when the last such token has expired.
 */
export const Revocation = defineEntity({
  name: 'Revocation',
  tableName: 'revocation',
  properties: {
    id: p.uuid().primary(),
    kind: p.text().$type<RevocationKind>(),
    value: p.text(),
    notBefore: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    forgetAt: p.datetime(3).index(),
    /** Whoever has read all positions below a settled one has missed nothing: ids and times are not in commit order. */
    position: p.bigint('number').defaultRaw('0'),
  },
  indexes: [{ name: 'revocation_position_index', properties: ['position'] }],
});
export type Revocation = InferEntity<typeof Revocation>;
