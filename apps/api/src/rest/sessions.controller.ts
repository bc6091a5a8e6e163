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
import type { Id, Problem } from '../http/wire.ts';
import { presentStretch } from './paging.ts';
import { exampleSession, presentSession, type SessionList, type SessionQuery } from './sessions.wire.ts';

@Route('api/users/{id}/sessions')
@Tags('Users')
@Response<Problem>(404, 'There is no such user')
export class SessionsController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Where a user is and was signed in, newest first, and how it ended.
   * @summary List a user's sessions
   */
  @Get()
  @Security('bearer', ['users:read'])
  @SuccessResponse(200, "One stretch of the user's sessions")
  @Example<SessionList>({ data: [exampleSession], meta: { limit: 20, next_cursor: null } })
  async listSessions(@Path() id: Id, @Queries() query: SessionQuery): Promise<SessionList> {
    const { active, cursor, limit } = query;
    return presentStretch(await this.#core.sessions.list({ userId: id, active, cursor, limit }), presentSession);
  }

  /**
   * Ends all sessions of a user; the access tokens stop working at once. The user may sign in again.
   * @summary End a user's sessions
   */
  @Delete()
  @Security('bearer', ['users:write'])
  @SuccessResponse(204, 'All sessions have ended')
  async revokeSessions(@Path() id: Id, @Request() request: ExpressRequest): Promise<void> {
    return command(request, { status: 204 }, (core) => core.sessions.revokeAll({ userId: id }));
  }
}
