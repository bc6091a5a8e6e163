import type { JsonObject, UserView } from '@org/core';

import type { PageMeta } from './paging.ts';
import type { Id, JsonRecord, Time } from '../http/wire.ts';

/** `inactive` cannot sign in or spend; `deleted` is for good. */
type UserStatusName = 'active' | 'inactive' | 'deleted';

/** A user. */
export interface User {
  id: Id;
  email: string;
  email_verified: boolean;
  name: string;
  /** What kind of user, such as `student`. */
  type: string | null;
  profile: JsonRecord;
  roles: string[];
  status: UserStatusName;
  inactive_reason: string | null;
  /**
   * The available balance.
   * @isLong
   */
  credits: number;
  last_login_at: Time | null;
  created_at: Time;
  updated_at: Time;
}

/** One page of users. */
export interface UserPage {
  data: User[];
  meta: PageMeta;
}

/** Which users to list, and how. */
export interface UserQuery {
  /**
   * Part of the e-mail address or of the name, in any case.
   * @maxLength 200
   */
  search?: string;
  type?: string;
  status?: UserStatusName;
  role?: string;
  created_from?: Time;
  /** Exclusive. */
  created_to?: Time;
  /** A field, with `-` before it for the opposite order: created_at, updated_at, email, name, last_login_at. */
  sort?: string;
  /**
   * @isInt
   * @minimum 1
   */
  page?: number;
  /**
   * @isInt
   * @minimum 1
   * @maximum 100
   */
  limit?: number;
}

/** A new user. Without a password the user cannot sign in by password. */
export interface NewUser {
  /** @maxLength 254 */
  email: string;
  /** 8 to 128 characters, unless configured otherwise. */
  password?: string;
  /** @maxLength 200 */
  name?: string;
  type?: string | null;
  profile?: JsonRecord;
  /**
   * `["user"]` unless told. Naming roles needs `roles:write` as well.
   * @maxItems 50
   */
  roles?: string[];
  email_verified?: boolean;
}

/** The fields to change; the others stay. A new e-mail address is unverified unless `email_verified` says otherwise. */
export interface UserPatch {
  /** @maxLength 254 */
  email?: string;
  email_verified?: boolean;
  /** @maxLength 200 */
  name?: string;
  type?: string | null;
  profile?: JsonRecord;
}

/** What users may change about themselves. */
export interface OwnPatch {
  /** @maxLength 200 */
  name?: string;
  /** Replaces the whole profile; at most 16 kB of JSON. */
  profile?: JsonRecord;
}

/** Why the status changes. */
export interface StatusReason {
  /** @maxLength 500 */
  reason?: string;
}

/** All roles that the user shall have. */
export interface RoleNames {
  /**
   * @maxItems 50
   * @uniqueItems
   */
  roles: string[];
}

export function presentUser(user: UserView): User {
  return {
    id: user.id,
    email: user.email,
    email_verified: user.emailVerified,
    name: user.name,
    type: user.type,
    profile: user.profile,
    roles: user.roles,
    status: user.status,
    inactive_reason: user.inactiveReason,
    credits: user.credits,
    last_login_at: user.lastLoginAt?.toISOString() ?? null,
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
  };
}

/** What came as JSON is JSON: the wire type says `unknown` because the generator knows no recursive types. */
export function asJson(record: JsonRecord | undefined): JsonObject | undefined {
  return record as JsonObject | undefined;
}

export const exampleUser: User = {
  id: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
  email: 'ada@example.org',
  email_verified: true,
  name: 'Ada Lovelace',
  type: 'student',
  profile: { year: 2 },
  roles: ['user'],
  status: 'active',
  inactive_reason: null,
  credits: 70,
  last_login_at: '2026-01-15T12:00:00.000Z',
  created_at: '2026-01-01T09:30:00.000Z',
  updated_at: '2026-01-15T12:00:00.000Z',
};
