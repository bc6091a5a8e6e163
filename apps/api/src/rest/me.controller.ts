import type { Core } from '@org/core';
import {
  Body,
  Delete,
  Example,
  Get,
  Patch,
  Request,
  Response,
  Route,
  Security,
  SuccessResponse,
  Tags,
} from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { command } from '../http/command.ts';
import { callerOf } from '../http/exchange.ts';
import { asJson, exampleUser, presentUser, type OwnPatch, type User } from './users.wire.ts';
import type { Problem } from '../http/wire.ts';

@Route('api/users/me')
@Tags('Me')
@Security('bearer')
export class MeController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * The user whose token was sent.
   * @summary Read my user
   */
  @Get()
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @SuccessResponse(200, 'My user')
  @Example<User>(exampleUser)
  async getMe(@Request() request: ExpressRequest): Promise<User> {
    return presentUser(await this.#core.users.get({ id: callerOf(request).id }));
  }

  /**
   * Changes my name or my profile.
   * @summary Change my user
   */
  @Patch()
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @Response<Problem>(409, 'The user has been deleted meanwhile')
  @SuccessResponse(200, 'My user as changed')
  @Example<User>(exampleUser)
  async updateMe(@Body() body: OwnPatch, @Request() request: ExpressRequest): Promise<User> {
    const changes = { id: callerOf(request).id, name: body.name, profile: asJson(body.profile) };
    return command(request, { status: 200, present: presentUser }, (core) => core.users.update(changes));
  }

  /**
   * Deletes my user softly and for good: all sessions end and I cannot sign in again. So does the session that asks:
   * a repetition, also with the same `Idempotency-Key`, is answered 401.
   * @summary Delete my user
   */
  @Delete()
  @SuccessResponse(204, 'Deleted')
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @Response<Problem>(409, 'I am the last active admin')
  async deleteMe(@Request() request: ExpressRequest): Promise<void> {
    return command(request, { status: 204 }, (core) => core.users.remove({ id: callerOf(request).id }));
  }
}
