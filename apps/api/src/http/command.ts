import { createHash } from 'node:crypto';
import { DomainError, Replayed, StillInFlight, type Core, type KeyedRequest, type StoredAnswer } from '@org/core';
import type { Request } from 'express';

import { coreFor } from './exchange.ts';
import { keyedRequestOf } from './idempotency-key.ts';
import { failureOf, problemBody, PROBLEM_TYPE } from './problem.ts';
import { isLastingRefusal } from './statuses.ts';

/** What a change answers: its status, and how its result is written. */
export interface Answer<Result, Body> {
  readonly status: 200 | 201 | 204;
  readonly present?: (result: Result) => Body;
  /** Where the thing that was made can be read, for 201. */
  readonly location?: (result: Result) => string;
}

type Change<Result> = (core: Core) => Promise<Result>;

/**
 * The one way from a controller to a use case that changes something. With an `Idempotency-Key` (or `X-Request-ID`) the
 * effect happens once: its answer is stored in the transaction of the effect, and sent again byte by byte to whoever
 * repeats the request within 24 hours.
 *
 * @throws KeyReused when the key came with another request
 * @throws StillInFlight while the first request is being carried out
 */
export async function command<Result, Body = void>(
  request: Request,
  answer: Answer<Result, Body>,
  change: Change<Result>,
): Promise<Body> {
  const keyed = keyedRequestOf(request);
  if (keyed === undefined) send(request, render(answer, await change(coreFor(request))));
  else await oneAtATime(request, keyed, () => carryOut(request, keyed, answer, change));
  // The bytes are sent. The type is what the OpenAPI document is generated from.
  return undefined as Body;
}

/**
 * The same for a posting: the ledger finds and stores the answers itself, those of a whole batch at once, and requests with
 * one key at the same time share one effect and one answer.
 *
 * @throws KeyReused when the key came with another request
 */
export async function postingCommand<Result, Body>(
  request: Request,
  answer: Answer<Result, Body>,
  change: Change<Result>,
): Promise<Body> {
  const keyed = keyedRequestOf(request);
  if (keyed === undefined) send(request, render(answer, await change(coreFor(request))));
  else await postOnce(request, keyed, answer, change);
  // The bytes are sent. The type is what the OpenAPI document is generated from.
  return undefined as Body;
}

/** Names the item at an index for the ledger; `undefined` when the request carries no key. */
export type ItemKey = (index: number) => string | undefined;

/**
 * The same for many postings at once. Each is keyed by itself: a repetition after a crash in the middle posts what is
 * missing, and only that. The answer is stored when `isLasting` says that a repetition would change nothing about it.
 *
 * @throws KeyReused when the key came with another request
 * @throws StillInFlight while the first request is being carried out
 */
export async function batchCommand<Result, Body>(
  request: Request,
  answer: Answer<Result, Body> & { readonly isLasting: (result: Result) => boolean },
  change: (core: Core, keyOf: ItemKey) => Promise<Result>,
): Promise<Body> {
  const core = coreFor(request);
  const keyed = keyedRequestOf(request);
  if (keyed === undefined) send(request, render(answer, await change(core, () => undefined)));
  else
    await oneAtATime(request, keyed, async () => {
      const { stored, isLasting } = await batchOutcome(request, answer, () => change(core, itemKeyOf(keyed)));
      if (isLasting) await core.idempotency.storeRefusal(keyed, stored);
      return stored;
    });
  // The bytes are sent. The type is what the OpenAPI document is generated from.
  return undefined as Body;
}

async function batchOutcome<Result, Body>(
  request: Request,
  answer: Answer<Result, Body> & { readonly isLasting: (result: Result) => boolean },
  carryOutNow: () => Promise<Result>,
): Promise<{ stored: StoredAnswer; isLasting: boolean }> {
  try {
    const result = await carryOutNow();
    return { stored: render(answer, result), isLasting: answer.isLasting(result) };
  } catch (error) {
    // A batch is refused for what one of its items was refused for: the key is answered for good if that is for good.
    const lasts = error instanceof Error && error.cause !== undefined ? lastingRefusal(request, error.cause) : true;
    const stored = lasts && lastingRefusal(request, error);
    if (!stored) throw error;
    return { stored, isLasting: true };
  }
}

/** One name in the ledger for each item of a request. A digest: a key has up to 200 characters, as has a name. */
function itemKeyOf(keyed: KeyedRequest): ItemKey {
  const { caller, method, route, key } = keyed;
  const name = createHash('sha256')
    .update(JSON.stringify([caller, method, route, key]))
    .digest('base64url');
  return (index) => `${name}:${index}`;
}

async function postOnce<Result, Body>(
  request: Request,
  keyed: KeyedRequest,
  answer: Answer<Result, Body>,
  change: Change<Result>,
): Promise<void> {
  let made: { result: unknown; stored: StoredAnswer } | undefined;
  const present = (outcome: { result: unknown } | { refusal: DomainError }): StoredAnswer | undefined => {
    if ('refusal' in outcome) return lastingRefusal(request, outcome.refusal);
    made = { result: outcome.result, stored: render(answer, outcome.result as Result) };
    return made.stored;
  };
  const core = coreFor(request, { keyed: { request: keyed, render: present } });
  try {
    const result = await change(core);
    // Who shares another request's result was not asked how it is written.
    send(request, made?.result === result ? made.stored : render(answer, result));
  } catch (error) {
    if (error instanceof Replayed) return replay(request, error.answer);
    // A refusal is stored with the correlation id of the request that met it first; that is its answer for good.
    const stored = lastingRefusal(request, error) && (await core.idempotency.find(keyed));
    if (stored === undefined) throw error;
    send(request, stored);
  }
}

async function oneAtATime(
  request: Request,
  keyed: KeyedRequest,
  carryOutNow: () => Promise<StoredAnswer>,
): Promise<void> {
  const { inFlight } = request.exchange.door;
  const name = JSON.stringify([keyed.caller, keyed.method, keyed.route, keyed.key]);
  if (inFlight.has(name)) throw new StillInFlight();
  inFlight.add(name);
  try {
    await answerOnce(request, keyed, carryOutNow);
  } finally {
    inFlight.delete(name);
  }
}

/** Sends the answer that the request had before, or else the one that it gets now. */
async function answerOnce(
  request: Request,
  keyed: KeyedRequest,
  carryOutNow: () => Promise<StoredAnswer>,
): Promise<void> {
  const { idempotency } = request.exchange.door.core;
  const earlier = await idempotency.find(keyed);
  if (earlier !== undefined) return replay(request, earlier);
  try {
    send(request, await carryOutNow());
  } catch (error) {
    if (!(error instanceof StillInFlight)) throw error;
    // Another process carried it out at the same time and its effect stands: this is its answer.
    const theirs = await idempotency.find(keyed);
    if (theirs === undefined) throw error;
    replay(request, theirs);
  }
}

async function carryOut<Result, Body>(
  request: Request,
  keyed: KeyedRequest,
  answer: Answer<Result, Body>,
  change: Change<Result>,
): Promise<StoredAnswer> {
  const core = coreFor(request);
  let stored: StoredAnswer | undefined;
  const renderOnce = (result: unknown): StoredAnswer => (stored = render(answer, result as Result));
  try {
    const result = await change(core.as({ beforeCommit: core.idempotency.storing(keyed, renderOnce) }));
    return stored ?? renderOnce(result);
  } catch (error) {
    const refusal = lastingRefusal(request, error);
    if (refusal === undefined) throw error;
    await core.idempotency.storeRefusal(keyed, refusal);
    return refusal;
  }
}

function render<Result, Body>({ status, present, location }: Answer<Result, Body>, result: Result): StoredAnswer {
  const body = present === undefined ? '' : JSON.stringify(present(result));
  const headers = {
    ...(body !== '' && { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(location && { Location: location(result) }),
  };
  return { status, headers, body };
}

/** A refusal by a business rule answers the key for good; a fault of the request's form, or of ours, does not. */
function lastingRefusal(request: Request, error: unknown): StoredAnswer | undefined {
  if (!(error instanceof DomainError) || error instanceof StillInFlight) return undefined;
  const failure = isLastingRefusal[error.reason.kind] ? failureOf(error) : undefined;
  if (failure === undefined) return undefined;
  return { status: failure.status, headers: { 'Content-Type': PROBLEM_TYPE }, body: problemBody(request, failure) };
}

function replay(request: Request, answer: StoredAnswer): void {
  request.res?.setHeader('Idempotent-Replayed', 'true');
  send(request, answer);
}

function send({ res: response }: Request, { status, headers, body }: StoredAnswer): void {
  if (response === undefined) throw new Error('the request has no response: Express sets it');
  response.status(status);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
