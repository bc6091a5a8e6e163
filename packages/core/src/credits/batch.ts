import { DomainError } from '../kernel/errors.ts';
import { requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import { BatchRefused } from './errors.ts';
import { parseOperation, type PostInput } from './operation.ts';
import { post } from './post.ts';
import type { TransactionView } from './views.ts';

const ITEMS_MAX = 500;

export interface BatchInput {
  /** 1 to 500. Those of one user are posted in their order; a transfer counts as one of its sender's. */
  items: readonly PostInput[];
  /** Whether one refusal refuses all. */
  atomic?: boolean | undefined;
}

export type BatchItemResult = { ok: true; transaction: TransactionView } | { ok: false; error: DomainError };

/**
 * Posts many transactions of any type. Each has a result of its own, in the order of the items; with `atomic` all are
 * posted in one transaction or none is.
 *
 * @throws InvalidInput for the number of items
 * @throws BatchRefused naming the first item that was refused (`atomic` only)
 */
export async function batch(scope: Scope, { items, atomic = false }: BatchInput): Promise<BatchItemResult[]> {
  requireValid(
    Array.isArray(items) && items.length >= 1 && items.length <= ITEMS_MAX
      ? undefined
      : { field: 'items', code: 'out_of_range', message: `must be 1 to ${ITEMS_MAX} items` },
  );
  // An answer that is stored with its effect belongs to one posting. Of a batch, each item has a key of its own.
  const within = { ...scope, context: { ...scope.context, keyed: undefined, beforeCommit: undefined } };
  return atomic ? allOrNothing(within, items) : Promise.all(items.map((item) => oneOf(within, item)));
}

async function oneOf(scope: Scope, item: PostInput): Promise<BatchItemResult> {
  try {
    return { ok: true, transaction: await post(scope, item) };
  } catch (error) {
    if (error instanceof DomainError) return { ok: false, error };
    throw error;
  }
}

async function allOrNothing(scope: Scope, items: readonly PostInput[]): Promise<BatchItemResult[]> {
  const operations = items.map((item, index) => orRefused(index, () => parseOperation(scope, item)));
  const results = await scope.postings.submitTogether(operations);
  return results.map((result, index) => {
    if (result instanceof DomainError) throw new BatchRefused(index, result);
    return { ok: true, transaction: result };
  });
}

function orRefused<T>(index: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DomainError ? new BatchRefused(index, error) : error;
  }
}
