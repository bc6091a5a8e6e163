import type { Core } from '@org/core';
import {
  Example,
  Get,
  Path,
  Produces,
  Queries,
  Request,
  Response,
  Route,
  Security,
  SuccessResponse,
  Tags,
} from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { callerOf } from '../http/exchange.ts';
import { readBalance, readStatement, readTransactions, sendReceipt } from './credit-reads.ts';
import {
  exampleBalance,
  examplePastBalance,
  exampleTransaction,
  presentTransaction,
  type Balance,
  type BalanceQuery,
  type PastBalance,
  type Transaction,
  type TransactionList,
  type TransactionQuery,
} from './credits.wire.ts';
import { exampleReceipt, exampleStatement, type Statement, type StatementQuery } from './statements.wire.ts';
import type { Id, Problem } from '../http/wire.ts';

@Route('api/users/me/credits')
@Tags('Me')
@Security('bearer')
@Response<Problem>(404, 'The token belongs to a service, not to a user')
export class MyCreditsController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * What I have and what of it I may spend, and what expires next; with `at`, what I had then.
   * @summary Read my balance
   */
  @Get()
  @SuccessResponse(200, 'My balance')
  @Example<Balance>(exampleBalance, 'Now')
  @Example<PastBalance>(examplePastBalance, 'Then')
  async getMyCredits(
    @Queries() query: BalanceQuery,
    @Request() request: ExpressRequest,
  ): Promise<Balance | PastBalance> {
    return readBalance(request, callerOf(request).id, query);
  }

  /**
   * My transactions, newest first. With `Accept: text/csv` all of them from `cursor` on, as a stream; `limit` does not go
   * with it.
   * @summary List my transactions
   */
  @Get('transactions')
  @SuccessResponse(200, 'One stretch of my transactions')
  @Example<TransactionList>({ data: [exampleTransaction], meta: { limit: 20, next_cursor: null } })
  async listMyTransactions(
    @Request() request: ExpressRequest,
    @Queries() query: TransactionQuery,
  ): Promise<TransactionList> {
    return readTransactions(request, callerOf(request).id, query);
  }

  /**
   * One transaction of mine.
   * @summary Read my transaction
   */
  @Get('transactions/{transaction_id}')
  @SuccessResponse(200, 'The transaction')
  @Response<Problem>(404, 'I have no such transaction')
  @Example<Transaction>(exampleTransaction)
  async getMyTransaction(
    @Path('transaction_id') transactionId: Id,
    @Request() request: ExpressRequest,
  ): Promise<Transaction> {
    const name = { id: transactionId, userId: callerOf(request).id };
    return presentTransaction(await this.#core.credits.transaction(name));
  }

  /**
   * A JWS (`typ: receipt+jwt`) that shows later, offline and for ever, what the ledger said.
   * @summary Read the signed receipt of my transaction
   */
  @Get('transactions/{transaction_id}/receipt')
  @Produces('application/jwt')
  @SuccessResponse(200, 'The signed receipt')
  @Response<Problem>(404, 'I have no such transaction')
  @Example<string>(exampleReceipt)
  async getMyReceipt(@Path('transaction_id') transactionId: Id, @Request() request: ExpressRequest): Promise<string> {
    return sendReceipt(request, callerOf(request).id, transactionId);
  }

  /**
   * Opening balance, transactions, totals and closing balance between two times; with `Accept: text/csv` all of it as a
   * stream.
   * @summary Read my statement
   */
  @Get('statement')
  @SuccessResponse(200, 'My statement')
  @Example<Statement>(exampleStatement)
  async getMyStatement(@Queries() query: StatementQuery, @Request() request: ExpressRequest): Promise<Statement> {
    return readStatement(request, callerOf(request).id, query);
  }
}
