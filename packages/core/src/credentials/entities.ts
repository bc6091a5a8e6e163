import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

import { User } from '../users/entities.ts';

/** A user's password, as an argon2id hash in PHC format. One row a user; none for users without a password. */
export const Credential = defineEntity({
  name: 'Credential',
  tableName: 'credential',
  properties: {
    user: () =>
      p.manyToOne(User).mapToPk().primary().fieldName('user_id').deleteRule('restrict').updateRule('no action'),
    passwordHash: p.text(),
    changedAt: p.datetime(3),
  },
});
export type Credential = InferEntity<typeof Credential>;
