import type { Core, RoleView } from '@org/core';
import { Example, Get, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';

import type { Time } from '../http/wire.ts';

/** A named set of permissions. */
export interface Role {
  name: string;
  description: string;
  permissions: string[];
  /** Ships with the product and cannot be removed. */
  built_in: boolean;
  created_at: Time;
}

export interface RoleList {
  data: Role[];
}

@Route('api/roles')
@Tags('Roles')
export class RolesController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * All roles, by name, with what they permit.
   * @summary List roles
   */
  @Get()
  @Security('bearer', ['roles:read'])
  @SuccessResponse(200, 'All roles')
  @Example<RoleList>({
    data: [
      {
        name: 'user',
        description: 'A person who signs in.',
        permissions: [],
        built_in: true,
        created_at: '2026-01-01T09:00:00.000Z',
      },
    ],
  })
  async listRoles(): Promise<RoleList> {
    const roles = await this.#core.roles.list();
    return { data: roles.map(presentRole) };
  }
}

function presentRole({ name, description, permissions, builtIn, createdAt }: RoleView): Role {
  return { name, description, permissions, built_in: builtIn, created_at: createdAt.toISOString() };
}
