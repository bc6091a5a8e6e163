import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

import { User } from '../users/entities.ts';

/** A named set of permissions. */
export const Role = defineEntity({
  name: 'Role',
  tableName: 'role',
  properties: {
    name: p.text().primary(),
    description: p.text().default(''),
    permissions: p.json<string[]>(),
    builtIn: p.boolean().default(false),
    createdAt: p.datetime(3),
  },
});
export type Role = InferEntity<typeof Role>;

export const UserRole = defineEntity({
  name: 'UserRole',
  tableName: 'user_role',
  properties: {
    user: () =>
      p.manyToOne(User).mapToPk().primary().fieldName('user_id').deleteRule('restrict').updateRule('no action'),
    role: () =>
      p.manyToOne(Role).mapToPk().primary().fieldName('role_name').deleteRule('restrict').updateRule('no action'),
  },
});
export type UserRole = InferEntity<typeof UserRole>;
