import type { Core } from '@org/core';
import {
  Delete,
  Example,
  Get,
  Path,
  Queries,
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
import type { Id, Problem } from '../http/wire.ts';
import { presentStretch } from './paging.ts';
import { exampleSession, presentSession, type SessionList, type SessionQuery } from './sessions.wire.ts';

@Route('api/users/me/sessions')
@Tags('Me')
@Security('bearer')
export class MySessionsController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Where I am and was signed in, newest first.
   * @summary List my sessions
   */
  @Get()
  @SuccessResponse(200, 'One stretch of my sessions')
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @Example<SessionList>({ data: [exampleSession], meta: { limit: 20, next_cursor: null } })
  async listMySessions(@Request() request: ExpressRequest, @Queries() query: SessionQuery): Promise<SessionList> {
    const { active, cursor, limit } = query;
    const { id: userId } = callerOf(request);
    return presentStretch(await this.#core.sessions.list({ userId, active, cursor, limit }), presentSession);
  }

  /**
   * Ends one of my sessions; its access tokens stop working at once. One that has ended stays as it is.
   * @summary End one of my sessions
   */
  @Delete('{id}')
  @SuccessResponse(204, 'The session has ended')
  @Response<Problem>(404, 'I have no such session')
  async revokeMySession(@Path() id: Id, @Request() request: ExpressRequest): Promise<void> {
    const { id: userId } = callerOf(request);
    return command(request, { status: 204 }, (core) => core.sessions.revoke({ userId, sessionId: id }));
  }
}
