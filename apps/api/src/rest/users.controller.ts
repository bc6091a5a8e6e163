import type { Core } from '@org/core';
import {
  Body,
  Delete,
  Example,
  Get,
  Patch,
  Path,
  Post,
  Put,
  Queries,
  Request,
  Response,
  Route,
  Security,
  SuccessResponse,
  Tags,
} from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { requirePermission } from '../http/authentication.ts';
import { command } from '../http/command.ts';
import { presentPage } from './paging.ts';
import { parseTime } from './times.ts';
import {
  asJson,
  exampleUser,
  presentUser,
  type NewUser,
  type RoleNames,
  type StatusReason,
  type User,
  type UserPage,
  type UserPatch,
  type UserQuery,
} from './users.wire.ts';
import type { Id, Problem } from '../http/wire.ts';

@Route('api/users')
@Tags('Users')
export class UsersController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Lists users, newest first unless sorted otherwise. The deleted are left out unless asked for.
   * @summary List users
   */
  @Get()
  @Security('bearer', ['users:read'])
  @SuccessResponse(200, 'One page of users')
  @Example<UserPage>({
    data: [exampleUser],
    meta: { total: 1, limit: 20, page: 1, total_pages: 1, has_next: false, has_previous: false },
  })
  async listUsers(@Queries() query: UserQuery): Promise<UserPage> {
    const { created_from, created_to, ...filter } = query;
    const span = {
      createdFrom: parseTime('created_from', created_from),
      createdTo: parseTime('created_to', created_to),
    };
    return presentPage(await this.#core.users.list({ ...filter, ...span }), presentUser);
  }

  /**
   * Makes an active user with an empty credit account.
   * @summary Create a user
   */
  @Post()
  @Security('bearer', ['users:write'])
  @SuccessResponse(201, 'The user, and its address in Location')
  @Response<Problem>(409, 'Another user, perhaps a deleted one, has this e-mail address')
  @Example<User>(exampleUser)
  async createUser(@Body() body: NewUser, @Request() request: ExpressRequest): Promise<User> {
    if (body.roles !== undefined) requirePermission(request, 'roles:write');
    const { email, password, name, type, roles } = body;
    const user = {
      email,
      password,
      name,
      type,
      roles,
      profile: asJson(body.profile),
      emailVerified: body.email_verified,
    };
    const created = {
      status: 201,
      present: presentUser,
      location: ({ id }: { id: string }) => `/api/users/${id}`,
    } as const;
    return command(request, created, (core) => core.users.create(user));
  }

  /**
   * One user, also a deleted one.
   * @summary Read a user
   */
  @Get('{id}')
  @Security('bearer', ['users:read'])
  @Response<Problem>(404, 'There is no such user')
  @SuccessResponse(200, 'The user')
  @Example<User>(exampleUser)
  async getUser(@Path() id: Id): Promise<User> {
    return presentUser(await this.#core.users.get({ id }));
  }

  /**
   * Changes the fields that are given.
   * @summary Change a user
   */
  @Patch('{id}')
  @Security('bearer', ['users:write'])
  @Response<Problem>(404, 'There is no such user')
  @Response<Problem>(409, 'The address is taken, or the user is deleted')
  @SuccessResponse(200, 'The user as changed')
  @Example<User>(exampleUser)
  async updateUser(@Path() id: Id, @Body() body: UserPatch, @Request() request: ExpressRequest): Promise<User> {
    const { email, name, type } = body;
    const changes = { id, email, name, type, profile: asJson(body.profile), emailVerified: body.email_verified };
    return command(request, { status: 200, present: presentUser }, (core) => core.users.update(changes));
  }

  /**
   * Deletes the user softly and for good: sessions end, nobody can sign in, ledger and audit stay.
   * @summary Delete a user
   */
  @Delete('{id}')
  @Security('bearer', ['users:write'])
  @SuccessResponse(204, 'Deleted')
  @Response<Problem>(404, 'There is no such user')
  @Response<Problem>(409, 'The user is deleted already, or is the last active admin')
  async deleteUser(@Path() id: Id, @Request() request: ExpressRequest): Promise<void> {
    return command(request, { status: 204 }, (core) => core.users.remove({ id }));
  }

  /**
   * Keeps the user out until reactivated: sessions end, tokens are revoked, credits cannot be spent.
   * @summary Deactivate a user
   */
  @Post('{id}/deactivate')
  @Security('bearer', ['users:write'])
  @SuccessResponse(200, 'The user')
  @Response<Problem>(404, 'There is no such user')
  @Response<Problem>(409, 'The user is not active, or is the last active admin')
  @Example<User>(exampleUser)
  async deactivateUser(@Path() id: Id, @Request() request: ExpressRequest, @Body() body?: StatusReason): Promise<User> {
    return command(request, { status: 200, present: presentUser }, (core) =>
      core.users.deactivate({ id, reason: body?.reason }),
    );
  }

  /**
   * Lets the user in again.
   * @summary Reactivate a user
   */
  @Post('{id}/reactivate')
  @Security('bearer', ['users:write'])
  @SuccessResponse(200, 'The user')
  @Response<Problem>(404, 'There is no such user')
  @Response<Problem>(409, 'The user is not inactive')
  @Example<User>(exampleUser)
  async reactivateUser(@Path() id: Id, @Request() request: ExpressRequest, @Body() body?: StatusReason): Promise<User> {
    return command(request, { status: 200, present: presentUser }, (core) =>
      core.users.reactivate({ id, reason: body?.reason }),
    );
  }

  /**
   * Gives the user exactly these roles. Access tokens issued before stop working; sessions go on with the next refresh.
   * @summary Set a user's roles
   */
  @Put('{id}/roles')
  @Security('bearer', ['roles:write'])
  @Response<Problem>(404, 'There is no such user')
  @Response<Problem>(409, 'The user is deleted, or is the last active admin')
  @SuccessResponse(200, 'The user as changed')
  @Example<User>(exampleUser)
  async setUserRoles(@Path() id: Id, @Body() body: RoleNames, @Request() request: ExpressRequest): Promise<User> {
    return command(request, { status: 200, present: presentUser }, (core) =>
      core.users.setRoles({ id, roles: body.roles }),
    );
  }
}
