import type { BatchItemResult, DomainError, PostInput } from '@org/core';

import type { ItemKey } from '../http/command.ts';
import { exampleTransaction, presentTransaction, type Transaction, type Unit } from './credits.wire.ts';
import { parseTime } from './times.ts';
import { asJson } from './users.wire.ts';
import type { Id, JsonRecord, Problem, Time } from '../http/wire.ts';

/** One posting of a batch. A field that does not go with its type is refused. */
interface BatchItem {
  type:
    | 'purchase'
    | 'grant'
    | 'spend'
    | 'adjustment'
    | 'refund'
    | 'clawback'
    | 'transfer'
    | 'hold'
    | 'capture'
    | 'release';
  user_id: Id;
  unit?: Unit;
  /**
   * Whole credits, above zero; for an adjustment also below. A capture takes all unless told, a release has none.
   * @isLong must be a whole number
   * @minimum -9007199254740991
   * @maximum 9007199254740991
   */
  amount?: number;
  /** @maxLength 500 */
  description?: string;
  /** @maxLength 200 */
  reference?: string;
  refund_of?: Id;
  allow_negative?: boolean;
  expires_at?: Time;
  /**
   * @isInt must be a whole number
   * @minimum 0
   * @maximum 100
   */
  priority?: number;
  /** For a transfer: who receives it. */
  to?: Id;
  /** For a hold: 1 second to 30 days. */
  expires_in_seconds?: number;
  /** For a capture or a release. */
  hold_id?: Id;
  /** For a capture: whether the rest is let go. */
  final?: boolean;
  /** At most 4 kB of JSON. */
  metadata?: JsonRecord;
}

/** Postings of any type on any accounts. */
export interface Batch {
  /**
   * Those of one user are posted in their order. Unless it is atomic, nothing can count on what a transfer from another
   * user brings in the same batch.
   * @minItems 1
   * @maxItems 500
   */
  items: BatchItem[];
  /** Whether one refusal refuses all. */
  atomic?: boolean;
}

interface BatchPosted {
  status: 201;
  transaction: Transaction;
}

interface BatchItemRefused {
  /** @isInt */
  status: number;
  problem: Problem;
}

/** A result for each item, in their order. */
export interface BatchAnswer {
  data: (BatchPosted | BatchItemRefused)[];
}

export function parseBatch(
  { items, atomic }: Batch,
  keyOf: ItemKey,
): { items: PostInput[]; atomic?: boolean | undefined } {
  return { items: items.map((item, index) => ({ ...parseItem(item, index), idempotencyKey: keyOf(index) })), atomic };
}

function parseItem(item: BatchItem, index: number): PostInput {
  const { type, unit, amount, description, reference, priority, final } = item;
  return {
    type,
    userId: item.user_id,
    unit,
    amount,
    description,
    reference,
    priority,
    final,
    refundOf: item.refund_of,
    allowNegative: item.allow_negative,
    expiresAt: parseTime(`items.${index}.expires_at`, item.expires_at),
    toUserId: item.to,
    expiresInSeconds: item.expires_in_seconds,
    holdId: item.hold_id,
    metadata: asJson(item.metadata),
  };
}

export function presentBatch(
  results: readonly BatchItemResult[],
  problemOf: (error: DomainError) => Problem,
): BatchAnswer {
  return { data: results.map((result) => (result.ok ? posted(result) : refused(problemOf(result.error)))) };
}

function posted({ transaction }: Extract<BatchItemResult, { ok: true }>): BatchPosted {
  return { status: 201, transaction: presentTransaction(transaction) };
}

function refused(problem: Problem): BatchItemRefused {
  return { status: problem.status, problem };
}

export const exampleBatchAnswer: BatchAnswer = {
  data: [
    { status: 201, transaction: exampleTransaction },
    {
      status: 402,
      problem: {
        type: 'urn:problem-type:credits.insufficient',
        title: 'There are not enough credits',
        status: 402,
        detail: '30 credits are needed and 5 are available. Purchase credits or ask for less.',
        instance: '/api/credits/batch',
        available: 5,
        required: 30,
        code: 'credits.insufficient',
        correlation_id: '5f1c9d0e-8a54-4b3a-9a55-0c8c3b7f4c11',
      },
    },
  ],
};
