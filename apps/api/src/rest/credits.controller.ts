import type { Core } from '@org/core';
import {
  Body,
  Example,
  Get,
  Path,
  Post,
  Queries,
  Request,
  Response,
  Route,
  Security,
  SuccessResponse,
  Tags,
} from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { postingCommand } from '../http/command.ts';
import {
  exampleBalance,
  exampleTransaction,
  presentBalance,
  presentTransaction,
  type Balance,
  type NewTransaction,
  type Transaction,
  type TransactionList,
  type TransactionQuery,
} from './credits.wire.ts';
import { presentStretch } from './paging.ts';
import { parseTime } from './times.ts';
import { asJson } from './users.wire.ts';
import type { Id, Problem } from '../http/wire.ts';

@Route('api/users/{id}/credits')
@Tags('Credits')
@Response<Problem>(404, 'There is no such user')
export class CreditsController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * What a user has and what of it may be spent.
   * @summary Read a user's balance
   */
  @Get()
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'The balance')
  @Example<Balance>(exampleBalance)
  async getCredits(@Path() id: Id): Promise<Balance> {
    return presentBalance(await this.#core.credits.balance({ userId: id }));
  }

  /**
   * Posts one transaction. A balance never falls below zero: a spend of more than is available is refused with 402.
   * @summary Purchase, spend, adjust or refund credits
   */
  @Post()
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, 'The transaction')
  @Response<Problem>(402, 'The balance does not cover it')
  @Response<Problem>(409, 'The user is not active, or more would be refunded than was spent')
  @Example<Transaction>(exampleTransaction)
  async postTransaction(
    @Path() id: Id,
    @Body() body: NewTransaction,
    @Request() request: ExpressRequest,
  ): Promise<Transaction> {
    const { type, amount, description, reference } = body;
    const transaction = {
      type,
      amount,
      description,
      reference,
      refundOf: body.refund_of,
      metadata: asJson(body.metadata),
    };
    const created = {
      status: 201,
      present: presentTransaction,
      location: () => `/api/users/${id}/credits/transactions`,
    } as const;
    return postingCommand(request, created, (core) => core.credits.post({ userId: id, ...transaction }));
  }

  /**
   * A user's transactions, newest first.
   * @summary List a user's transactions
   */
  @Get('transactions')
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'One stretch of the transactions')
  @Example<TransactionList>({ data: [exampleTransaction], meta: { limit: 20, next_cursor: null } })
  async listTransactions(@Path() id: Id, @Queries() query: TransactionQuery): Promise<TransactionList> {
    const { type, cursor, limit } = query;
    const span = { from: parseTime('from', query.from), to: parseTime('to', query.to) };
    const transactions = await this.#core.credits.transactions({ userId: id, type, ...span, cursor, limit });
    return presentStretch(transactions, presentTransaction);
  }
}
