import type { Core } from '@org/core';
import {
  Body,
  Delete,
  Example,
  Get,
  Patch,
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
import {
  exampleBalance,
  exampleTransaction,
  presentBalance,
  presentTransaction,
  type Balance,
  type TransactionList,
  type TransactionQuery,
} from './credits.wire.ts';
import { presentStretch } from './paging.ts';
import { parseTime } from './times.ts';
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

  /**
   * What I have and what of it I may spend.
   * @summary Read my balance
   */
  @Get('credits')
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @SuccessResponse(200, 'My balance')
  @Example<Balance>(exampleBalance)
  async getMyCredits(@Request() request: ExpressRequest): Promise<Balance> {
    return presentBalance(await this.#core.credits.balance({ userId: callerOf(request).id }));
  }

  /**
   * My transactions, newest first.
   * @summary List my transactions
   */
  @Get('credits/transactions')
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @SuccessResponse(200, 'One stretch of my transactions')
  @Example<TransactionList>({ data: [exampleTransaction], meta: { limit: 20, next_cursor: null } })
  async listMyTransactions(
    @Request() request: ExpressRequest,
    @Queries() query: TransactionQuery,
  ): Promise<TransactionList> {
    const { type, cursor, limit } = query;
    const span = { from: parseTime('from', query.from), to: parseTime('to', query.to) };
    const transactions = await this.#core.credits.transactions({
      userId: callerOf(request).id,
      type,
      ...span,
      cursor,
      limit,
    });
    return presentStretch(transactions, presentTransaction);
  }
}
