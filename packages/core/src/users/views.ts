import type { Dialect } from '../database/index.ts';
import { fromJson, type JsonObject } from '../kernel/json.ts';
import type { UserStatus } from './entities.ts';

/** A user as everybody outside of core sees it. `credits` is the available balance. */
export interface UserView {
  id: string;
  email: string;
  emailVerified: boolean;
  name: string;
  type: string | null;
  profile: JsonObject;
  roles: string[];
  status: UserStatus;
  inactiveReason: string | null;
  credits: number;
  lastLoginAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface UserRow {
  id: string;
  email: string;
  email_verified: boolean | number;
  name: string;
  type: string | null;
  profile: unknown;
  roles: unknown;
  status: UserStatus;
  inactive_reason: string | null;
  credits: string | number | null;
  last_login_at: unknown;
  created_at: unknown;
  updated_at: unknown;
}

/** Reads a whole user in one statement: roles and credits come along, nothing is hydrated. */
export function selectUsers(dialect: Dialect): string {
  return `select u.id, u.email, u.email_verified, u.name, u.type, u.profile, u.status, u.inactive_reason,
    u.last_login_at, u.created_at, u.updated_at, a.balance - a.held as credits,
    (select ${dialect.jsonArrayOf('r.role_name')} from user_role r where r.user_id = u.id) as roles
    from users u left join credit_account a on a.owner_id = u.id and a.unit = 'credit'`;
}

export function viewOf(row: UserRow, { fromTime }: Dialect): UserView {
  return {
    id: row.id,
    email: row.email,
    emailVerified: Boolean(row.email_verified),
    name: row.name,
    type: row.type,
    profile: fromJson(row.profile),
    roles: fromJson<string[] | null>(row.roles)?.toSorted() ?? [],
    status: row.status,
    inactiveReason: row.inactive_reason,
    credits: Number(row.credits ?? 0),
    lastLoginAt: row.last_login_at === null ? null : fromTime(row.last_login_at),
    createdAt: fromTime(row.created_at),
    updatedAt: fromTime(row.updated_at),
  };
}
