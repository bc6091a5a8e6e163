import type { BatchItemResult } from '@org/core';
import { Body, Example, Post, Request, Response, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { requirePermission } from '../http/authentication.ts';
import { batchCommand } from '../http/command.ts';
import { failureOf, problemAbout, unexpected } from '../http/problem.ts';
import { isLastingRefusal } from '../http/statuses.ts';
import { exampleBatchAnswer, parseBatch, presentBatch, type Batch, type BatchAnswer } from './batch.wire.ts';
import type { Problem } from '../http/wire.ts';

@Route('api/credits/batch')
@Tags('Credits')
export class BatchController {
  /**
   * Posts up to 500 transactions of any type on any accounts. Each has a result of its own, unless `atomic` is true: then
   * all are posted or none, and a refusal answers 409 with the `index` of the first item at fault.
   * @summary Post many transactions
   */
  @Post()
  @Security('bearer', ['credits:write'])
  @SuccessResponse(200, 'A result for each item')
  @Response<Problem>(409, 'An item of an atomic batch was refused, so nothing was posted')
  @Example<BatchAnswer>(exampleBatchAnswer)
  async postBatch(@Body() body: Batch, @Request() request: ExpressRequest): Promise<BatchAnswer> {
    if (body.items.some((item) => item.allow_negative === true)) requirePermission(request, 'credits:overdraw');
    const answer = {
      status: 200,
      present: (results: BatchItemResult[]) =>
        presentBatch(results, (error) => problemAbout(request, failureOf(error) ?? unexpected)),
      isLasting: (results: BatchItemResult[]) => results.every(lasts),
    } as const;
    return batchCommand(request, answer, (core, keyOf) => core.credits.batch(parseBatch(body, keyOf)));
  }
}

/** A fault of ours in one item is not the answer for good: another try is to find the rest posted, and post that one. */
function lasts(result: BatchItemResult): boolean {
  return result.ok || isLastingRefusal[result.error.reason.kind];
}
