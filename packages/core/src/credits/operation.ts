import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, checkJsonObject, checkText, requireValid } from '../kernel/fields.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Context, Scope } from '../scope.ts';
import { ENTRY_KINDS, type EntryKind } from './entities.ts';
import { hashRequest } from './hash.ts';
import { AMOUNT_MAX } from './whole-number.ts';

const DESCRIPTION_LENGTH_MAX = 500;
const REFERENCE_LENGTH_MAX = 200;
const METADATA_BYTES_MAX = 4096;
const IDEMPOTENCY_KEY_LENGTH_MAX = 200;

/** What every posting may say. */
export interface PostingInput {
  userId: string;
  /** Credits: a whole number from 1 to 2^53 - 1; for an adjustment also from -(2^53 - 1) to -1. */
  amount: number;
  /** At most 500 characters. */
  description?: string | undefined;
  /** The caller's own name for it, such as an order number; at most 200 characters. */
  reference?: string | undefined;
  /** At most 4 kB of JSON. */
  metadata?: JsonObject | undefined;
  /** 1 to 200 characters, unique among this client's postings for ever. The same request again gives the same transaction. */
  idempotencyKey?: string | undefined;
}

export interface PostInput extends PostingInput {
  type: EntryKind;
  /** The spend that a refund gives back. */
  refundOf?: string | undefined;
}

/** A request for one posting, checked: what `apply` decides about. */
export interface Operation {
  readonly txId: string;
  readonly userId: string;
  readonly kind: EntryKind;
  /** The signed change of the balance. */
  readonly amount: number;
  readonly originTxId: string | null;
  readonly description: string | null;
  readonly reference: string | null;
  readonly metadata: JsonObject | null;
  readonly idemKey: string | null;
  readonly requestHash: Buffer | null;
  readonly context: Context;
}

/** @throws InvalidInput naming every field at fault */
export function parseOperation(scope: Pick<Scope, 'newId' | 'context'>, input: PostInput): Operation {
  requireValid(
    ENTRY_KINDS.includes(input.type)
      ? undefined
      : { field: 'type', code: 'unknown', message: `must be one of ${ENTRY_KINDS.join(', ')}` },
    checkId('userId', input.userId),
    amountProblem(input),
    descriptionProblem(input),
    optionalText('reference', input.reference, { max: REFERENCE_LENGTH_MAX }),
    optionalText('idempotencyKey', input.idempotencyKey, { min: 1, max: IDEMPOTENCY_KEY_LENGTH_MAX }),
    input.metadata === undefined
      ? undefined
      : checkJsonObject('metadata', input.metadata, { bytesMax: METADATA_BYTES_MAX }),
    refundOfProblem(input),
  );
  const request = {
    kind: input.type,
    userId: input.userId,
    amount: input.type === 'spend' ? -input.amount : input.amount,
    originTxId: input.refundOf ?? null,
    description: input.description ?? null,
    reference: input.reference ?? null,
    metadata: input.metadata ?? null,
  };
  const idemKey = input.idempotencyKey ?? null;
  const requestHash = idemKey === null ? null : hashRequest(request);
  return { txId: scope.newId(), ...request, idemKey, requestHash, context: scope.context };
}

function amountProblem({ type, amount }: PostInput): FieldProblem | undefined {
  const magnitude = type === 'adjustment' ? Math.abs(amount) : amount;
  if (Number.isSafeInteger(amount) && magnitude >= 1) return undefined;
  const range =
    type === 'adjustment' ? `from 1 to ${AMOUNT_MAX} or from -${AMOUNT_MAX} to -1` : `from 1 to ${AMOUNT_MAX}`;
  return { field: 'amount', code: 'out_of_range', message: `must be a whole number ${range}` };
}

function descriptionProblem({ type, description }: PostInput): FieldProblem | undefined {
  if (type === 'adjustment' && (description === undefined || description.trim() === '')) {
    return { field: 'description', code: 'required', message: 'must say why the balance is adjusted' };
  }
  return optionalText('description', description, { max: DESCRIPTION_LENGTH_MAX });
}

function refundOfProblem({ type, refundOf }: PostInput): FieldProblem | undefined {
  if (type === 'refund') return checkId('refundOf', refundOf);
  return refundOf === undefined
    ? undefined
    : { field: 'refundOf', code: 'not_applicable', message: 'goes with a refund only' };
}

function optionalText(field: string, value: unknown, length: { min?: number; max: number }): FieldProblem | undefined {
  if (value === undefined) return undefined;
  return checkText(field, value, length);
}
