import type { SessionView } from '@org/core';

import type { Id, Time } from '../http/wire.ts';
import type { CursorMeta } from './paging.ts';

/** One sign-in on one device. */
export interface Session {
  id: Id;
  client_id: string;
  /** The user agent that signed in. */
  device: string;
  /** The network address that it signed in from. */
  address: string;
  created_at: Time;
  last_used_at: Time;
  /** When it ends if it is not used again before. */
  expires_at: Time;
  ended_at: Time | null;
  /** How it ended: `reuse` is a refresh token that was used twice, `expired` one that was not used in time. */
  end_reason: 'logout' | 'revoked' | 'reuse' | 'password' | 'deactivated' | 'deleted' | 'roles' | 'expired' | null;
  /** Whether the request came from this session. */
  current: boolean;
}

/** One stretch of the sessions. */
export interface SessionList {
  data: Session[];
  meta: CursorMeta;
}

/** Which sessions to list. */
export interface SessionQuery {
  /** Only those that go on, or only those that have ended. */
  active?: boolean;
  /** `next_cursor` of the stretch before. */
  cursor?: string;
  /**
   * @isInt
   * @minimum 1
   * @maximum 100
   */
  limit?: number;
}

export function presentSession(session: SessionView): Session {
  return {
    id: session.id,
    client_id: session.clientId,
    device: session.device,
    address: session.address,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    ended_at: session.endedAt?.toISOString() ?? null,
    end_reason: session.endReason,
    current: session.current,
  };
}

export const exampleSession: Session = {
  id: '0198c9a2-7a10-7b20-9c30-4d5e6f708192',
  client_id: 'users-service',
  device: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  address: '192.0.2.17',
  created_at: '2026-01-15T12:00:00.000Z',
  last_used_at: '2026-01-15T12:14:00.000Z',
  expires_at: '2026-02-14T12:14:00.000Z',
  ended_at: null,
  end_reason: null,
  current: true,
};
