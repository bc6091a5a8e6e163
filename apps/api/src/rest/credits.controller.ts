import type { Core } from '@org/core';
import {
  Body,
  Example,
  Get,
  Patch,
  Path,
  Post,
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

import { requirePermission } from '../http/authentication.ts';
import { command, postingCommand } from '../http/command.ts';
import { readBalance, readStatement, readTransactions, sendReceipt } from './credit-reads.ts';
import {
  exampleBalance,
  examplePastBalance,
  exampleTransaction,
  parseTransaction,
  presentBalance,
  presentTransaction,
  transactionMade,
  type Balance,
  type BalanceQuery,
  type NewLimits,
  type NewTransaction,
  type PastBalance,
  type Transaction,
  type TransactionList,
  type TransactionQuery,
} from './credits.wire.ts';
import { exampleHold, parseHold, holdMade, type Hold, type NewHold } from './holds.wire.ts';
import { exampleReceipt, exampleStatement, type Statement, type StatementQuery } from './statements.wire.ts';
import { exampleTransfer, parseTransfer, type NewTransfer } from './transfers.wire.ts';
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
   * What a user has and what of it may be spent, and what expires next; with `at`, what the user had then.
   * @summary Read a user's balance
   */
  @Get()
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'The balance')
  @Example<Balance>(exampleBalance, 'Now')
  @Example<PastBalance>(examplePastBalance, 'Then')
  async getCredits(
    @Path() id: Id,
    @Queries() query: BalanceQuery,
    @Request() request: ExpressRequest,
  ): Promise<Balance | PastBalance> {
    return readBalance(request, id, query);
  }

  /**
   * Posts one transaction. A balance never falls below its floor: a spend of more than is available is refused with 402.
   * Credits of the smallest priority are burnt first, then those that expire first, then grants, then the oldest.
   * @summary Purchase, grant, spend, adjust, refund or claw back credits
   */
  @Post()
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, 'The transaction')
  @Response<Problem>(402, 'The balance does not cover it')
  @Response<Problem>(409, 'The user is not active, or more would be given back than is left')
  @Example<Transaction>(exampleTransaction)
  async postTransaction(
    @Path() id: Id,
    @Body() body: NewTransaction,
    @Request() request: ExpressRequest,
  ): Promise<Transaction> {
    if (body.allow_negative === true) requirePermission(request, 'credits:overdraw');
    const transaction = parseTransaction(id, body);
    return postingCommand(request, transactionMade, (core) => core.credits.post(transaction));
  }

  /**
   * Sets how low and how high the balance may go: a floor below zero is a credit limit. What is left out stays.
   * @summary Set the limits of a user's account
   */
  @Patch('limits')
  @Security('bearer', ['credits:limits'])
  @SuccessResponse(200, 'The balance with its limits')
  @Response<Problem>(409, 'The account stands outside these limits')
  @Example<Balance>(exampleBalance)
  async setCreditLimits(@Path() id: Id, @Body() body: NewLimits, @Request() request: ExpressRequest): Promise<Balance> {
    return command(request, { status: 200, present: presentBalance }, (core) =>
      core.credits.setLimits({ userId: id, ...body }),
    );
  }

  /**
   * Sets credits aside for a spend to come: only captures of this hold can spend them until it ends, at the latest in the
   * very millisecond in which it expires.
   * @summary Hold credits
   */
  @Post('holds')
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, 'The hold')
  @Response<Problem>(402, 'The balance does not cover it')
  @Response<Problem>(409, 'The user is not active')
  @Example<Hold>(exampleHold)
  async holdCredits(@Path() id: Id, @Body() body: NewHold, @Request() request: ExpressRequest): Promise<Hold> {
    return postingCommand(request, holdMade, (core) => core.credits.post(parseHold(id, body)));
  }

  /**
   * Moves credits to another user, in the same unit: both see it as one transaction, or it did not happen. They keep their
   * priority and expiry. Answers the sender's side.
   * @summary Transfer credits
   */
  @Post('transfers')
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, "The sender's transaction")
  @Response<Problem>(402, 'The balance does not cover it')
  @Response<Problem>(409, 'A user is not active, or the receiver may not have so much')
  @Example<Transaction>(exampleTransfer)
  async transferCredits(
    @Path() id: Id,
    @Body() body: NewTransfer,
    @Request() request: ExpressRequest,
  ): Promise<Transaction> {
    return postingCommand(request, transactionMade, (core) => core.credits.post(parseTransfer(id, body)));
  }

  /**
   * A user's transactions, newest first. With `Accept: text/csv` all of them from `cursor` on, as a stream; `limit` does
   * not go with it.
   * @summary List a user's transactions
   */
  @Get('transactions')
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'One stretch of the transactions')
  @Example<TransactionList>({ data: [exampleTransaction], meta: { limit: 20, next_cursor: null } })
  async listTransactions(
    @Path() id: Id,
    @Queries() query: TransactionQuery,
    @Request() request: ExpressRequest,
  ): Promise<TransactionList> {
    return readTransactions(request, id, query);
  }

  /**
   * One transaction of a user.
   * @summary Read a user's transaction
   */
  @Get('transactions/{transaction_id}')
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'The transaction')
  @Response<Problem>(404, 'There is no such transaction of this user')
  @Example<Transaction>(exampleTransaction)
  async getTransaction(@Path() id: Id, @Path('transaction_id') transactionId: Id): Promise<Transaction> {
    return presentTransaction(await this.#core.credits.transaction({ id: transactionId, userId: id }));
  }

  /**
   * A receipt: a JWS (`typ: receipt+jwt`) signed with a key of the key set. It holds the hash of the ledger's entry and so
   * shows later, offline and for ever, what the ledger said. `verifyReceipt()` in `@org/jwt-client` checks it.
   * @summary Read the signed receipt of a transaction
   */
  @Get('transactions/{transaction_id}/receipt')
  @Security('bearer', ['credits:read'])
  @Produces('application/jwt')
  @SuccessResponse(200, 'The signed receipt')
  @Response<Problem>(404, 'There is no such transaction of this user')
  @Example<string>(exampleReceipt)
  async getReceipt(
    @Path() id: Id,
    @Path('transaction_id') transactionId: Id,
    @Request() request: ExpressRequest,
  ): Promise<string> {
    return sendReceipt(request, id, transactionId);
  }

  /**
   * Opening balance, transactions, totals and closing balance between two times. With `Accept: text/csv` a stream of the
   * opening balance, every transaction from the oldest on, and the closing balance; `limit` does not go with it.
   * @summary Read a user's statement
   */
  @Get('statement')
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'The statement')
  @Example<Statement>(exampleStatement)
  async getStatement(
    @Path() id: Id,
    @Queries() query: StatementQuery,
    @Request() request: ExpressRequest,
  ): Promise<Statement> {
    return readStatement(request, id, query);
  }
}
