import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

export const USER_STATUSES = ['active', 'inactive', 'deleted'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    email: p.text(),
    /** What makes two addresses the same: trimmed, NFKC, lower case. Unique also among the deleted. */
    emailKey: p.text().unique(),
    emailVerified: p.boolean().default(false),
    name: p.text().default(''),
    /** Address and name as they are searched: Unicode's lower case, which SQLite's LIKE does not know. */
    searchKey: p.text().default(''),
    type: p.text().nullable(),
    profile: p.json<Record<string, unknown>>(),
    status: p.text().$type<UserStatus>().default('active'),
    inactiveReason: p.text().nullable(),
    lastLoginAt: p.datetime(3).nullable(),
    /** Access tokens issued until then are revoked; one that is issued now is dated after it. */
    tokensNotBefore: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    deletedAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: 'users_created_at_index', properties: ['createdAt', 'id'] }],
  checks: [{ name: 'users_status_check', expression: "status in ('active','inactive','deleted')" }],
});
export type User = InferEntity<typeof User>;
