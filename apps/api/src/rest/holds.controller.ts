import type { Core } from '@org/core';
import {
  Body,
  Example,
  Get,
  Path,
  Post,
  Request,
  Response,
  Route,
  Security,
  SuccessResponse,
  Tags,
} from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { postingCommand } from '../http/command.ts';
import { transactionMade, type Transaction } from './credits.wire.ts';
import { exampleCapture, exampleHold, exampleRelease, presentHold, type Hold, type NewCapture } from './holds.wire.ts';
import type { Id, Problem } from '../http/wire.ts';

@Route('api/credits/holds/{id}')
@Tags('Credits')
@Response<Problem>(404, 'There is no such hold')
export class HoldsController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * How much of a hold was captured, released and is still held, as of now.
   * @summary Read a hold
   */
  @Get()
  @Security('bearer', ['credits:read'])
  @SuccessResponse(200, 'The hold')
  @Example<Hold>(exampleHold)
  async getHold(@Path() id: Id): Promise<Hold> {
    return presentHold(await this.#core.credits.getHold({ id }));
  }

  /**
   * Spends what is held, in one or many parts; without an amount, all of it. It is never refused for want of credits, and
   * can be refunded like a spend.
   * @summary Capture a hold
   */
  @Post('capture')
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, 'The transaction')
  @Response<Problem>(409, 'The hold is closed, or holds less')
  @Example<Transaction>(exampleCapture)
  async captureHold(
    @Path() id: Id,
    @Body() body: NewCapture,
    @Request() request: ExpressRequest,
  ): Promise<Transaction> {
    return postingCommand(request, transactionMade, (core) => core.credits.capture({ holdId: id, ...body }));
  }

  /**
   * Lets go of what is still held, so that it can be spent otherwise.
   * @summary Release a hold
   */
  @Post('release')
  @Security('bearer', ['credits:write'])
  @SuccessResponse(201, 'The transaction')
  @Response<Problem>(409, 'The hold is closed')
  @Example<Transaction>(exampleRelease)
  async releaseHold(@Path() id: Id, @Request() request: ExpressRequest): Promise<Transaction> {
    return postingCommand(request, transactionMade, (core) => core.credits.release({ holdId: id }));
  }
}
