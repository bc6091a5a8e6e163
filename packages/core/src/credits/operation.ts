import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, checkJsonObject, checkText, requireValid } from '../kernel/fields.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Context, Scope } from '../scope.ts';
import type { Asked } from './apply/draft.ts';
import { SameAccount } from './errors.ts';
import { hashRequest } from './hash.ts';
import { NEVER, PRIORITY_DEFAULT, PRIORITY_MAX, type LotTerms } from './lots.ts';
import { AMOUNT_MAX } from './whole-number.ts';

const DESCRIPTION_LENGTH_MAX = 500;
const REFERENCE_LENGTH_MAX = 200;
const METADATA_BYTES_MAX = 4096;
const IDEMPOTENCY_KEY_LENGTH_MAX = 200;
export const UNIT_DEFAULT = 'credit';
const HOLD_DAY_SECONDS = 24 * 60 * 60;
const HOLD_SECONDS_DEFAULT = 7 * HOLD_DAY_SECONDS;
const HOLD_SECONDS_MAX = 30 * HOLD_DAY_SECONDS;

/** What may be asked for. Expiries are nobody's request: they fall due. */
export const OPERATION_KINDS = [
  'purchase',
  'grant',
  'spend',
  'adjustment',
  'refund',
  'clawback',
  'transfer',
  'hold',
  'capture',
  'release',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** What every posting may say. */
export interface PostingInput {
  userId: string;
  /** The kind of credits: `credit` unless told. A user has one account for each. */
  unit?: string | undefined;
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

/** How credits that come in are burnt. */
export interface LotInput {
  /** 0 to 100, 50 unless told: credits of the smallest are burnt first. */
  priority?: number | undefined;
  /** From this moment on they are gone; left out, they never expire. */
  expiresAt?: Date | undefined;
}

/** Any posting, by its type. A field that does not go with the type is refused. */
export interface PostInput extends Omit<PostingInput, 'amount'>, LotInput {
  type: OperationKind;
  /** Required but for a capture, which takes all that is held unless told, and a release, which has none. */
  amount?: number | undefined;
  /** The spend or capture that a refund gives back; the purchase that a clawback takes back. */
  refundOf?: string | undefined;
  /** Whether a clawback may take more than is available, and so leave the account below its floor. */
  allowNegative?: boolean | undefined;
  /** Who receives a transfer. */
  toUserId?: string | undefined;
  /** How long a hold lasts at most: 1 second to 30 days, 7 days unless told. */
  expiresInSeconds?: number | undefined;
  /** The hold to capture or release. */
  holdId?: string | undefined;
  /** Whether a capture lets go of what it leaves. */
  final?: boolean | undefined;
}

/** A request for one posting, checked: what `apply` decides about. Amounts are signed changes of the balance. */
export type Operation = Request & Terms;
export type OperationOf<Kind extends OperationKind> = Request & Extract<Terms, { kind: Kind }>;

interface Request {
  readonly txId: string;
  readonly userId: string;
  readonly unit: string;
  readonly description: string | null;
  readonly reference: string | null;
  readonly metadata: JsonObject | null;
  readonly idemKey: string | null;
  readonly requestHash: Buffer | null;
  readonly context: Context;
}

type Terms =
  | { readonly kind: 'purchase'; readonly amount: number; readonly terms: LotTerms }
  | { readonly kind: 'grant'; readonly amount: number; readonly terms: LotTerms }
  | { readonly kind: 'adjustment'; readonly amount: number; readonly terms: LotTerms }
  | { readonly kind: 'spend'; readonly amount: number }
  | { readonly kind: 'refund'; readonly amount: number; readonly originTxId: string }
  | { readonly kind: 'clawback'; readonly amount: number; readonly originTxId: string; readonly allowNegative: boolean }
  | { readonly kind: 'transfer'; readonly amount: number; readonly toUserId: string }
  | { readonly kind: 'hold'; readonly amount: number; readonly expiresInSeconds: number }
  | {
      readonly kind: 'capture';
      /** How much of the hold; null for all that is left of it. */
      readonly amount: number | null;
      readonly originTxId: string;
      readonly final: boolean;
    }
  | { readonly kind: 'release'; readonly originTxId: string };

type ScopeOfParse = Pick<Scope, 'newId' | 'context'>;

/**
 * @throws InvalidInput naming every field at fault
 * @throws SameAccount when a transfer goes back to its sender
 */
export function parseOperation(scope: ScopeOfParse, input: PostInput): Operation {
  requireValid(
    OPERATION_KINDS.includes(input.type)
      ? undefined
      : { field: 'type', code: 'unknown', message: `must be one of ${OPERATION_KINDS.join(', ')}` },
    checkId('userId', input.userId),
    unitProblem(input.unit),
    descriptionProblem(input),
    optionalText('reference', input.reference, { max: REFERENCE_LENGTH_MAX }),
    optionalText('idempotencyKey', input.idempotencyKey, { min: 1, max: IDEMPOTENCY_KEY_LENGTH_MAX }),
    input.metadata === undefined
      ? undefined
      : checkJsonObject('metadata', input.metadata, { bytesMax: METADATA_BYTES_MAX }),
    ...ruledFields.map((field) => fieldProblem(field, input)),
  );
  if (input.type === 'transfer' && input.toUserId === input.userId) throw new SameAccount();
  const terms: Terms = termsOf[input.type](input as Complete);
  const request = {
    userId: input.userId,
    unit: input.unit ?? UNIT_DEFAULT,
    description: input.description ?? null,
    reference: input.reference ?? null,
    metadata: input.metadata ?? null,
  };
  const idemKey = input.idempotencyKey ?? null;
  const requestHash = idemKey === null ? null : hashRequest({ ...request, ...hashable(terms) });
  return { txId: scope.newId(), ...request, ...terms, idemKey, requestHash, context: scope.context };
}

/** What an operation's entries repeat from it. */
export function askedBy(operation: Operation): Asked {
  const { txId, idemKey, requestHash, reference, description, metadata, context } = operation;
  const { clientId, actor, correlationId = null, sessionId = null, address = null } = context;
  const asker = { clientId, actor, correlationId, sessionId, address };
  return { txId, idemKey, requestHash, reference, description, metadata, ...asker };
}

/** A unit is a short name in lower case: `credit`, `gold`, `seat_month`. */
export function unitProblem(unit: unknown): FieldProblem | undefined {
  if (unit === undefined || (typeof unit === 'string' && /^[a-z][a-z0-9_]{0,31}$/.test(unit))) return undefined;
  const message = 'must be 1 to 32 lower-case letters, digits and underscores, the first a letter';
  return { field: 'unit', code: 'malformed', message };
}

/** An input in which every field that its type needs is there. */
type Complete = PostInput & { amount: number; refundOf: string; toUserId: string; holdId: string };

const termsOf: { readonly [Kind in OperationKind]: (input: Complete) => Extract<Terms, { kind: Kind }> } = {
  purchase: (input) => ({ kind: 'purchase', amount: input.amount, terms: lotTermsOf(input) }),
  grant: (input) => ({ kind: 'grant', amount: input.amount, terms: lotTermsOf(input) }),
  adjustment: (input) => ({ kind: 'adjustment', amount: input.amount, terms: lotTermsOf(input) }),
  spend: ({ amount }) => ({ kind: 'spend', amount: -amount }),
  refund: ({ amount, refundOf }) => ({ kind: 'refund', amount, originTxId: refundOf }),
  clawback: ({ amount, refundOf, allowNegative = false }) => ({
    kind: 'clawback',
    amount: -amount,
    originTxId: refundOf,
    allowNegative,
  }),
  transfer: ({ amount, toUserId }) => ({ kind: 'transfer', amount: -amount, toUserId }),
  hold: ({ amount, expiresInSeconds = HOLD_SECONDS_DEFAULT }) => ({ kind: 'hold', amount, expiresInSeconds }),
  capture: ({ holdId, final = false, ...input }) => ({
    kind: 'capture',
    amount: (input as PostInput).amount ?? null,
    originTxId: holdId,
    final,
  }),
  release: ({ holdId }) => ({ kind: 'release', originTxId: holdId }),
};

function lotTermsOf({ type, priority = PRIORITY_DEFAULT, expiresAt = NEVER }: PostInput): LotTerms {
  return { category: type === 'grant' ? 'promo' : 'paid', priority, expiresAt };
}

function hashable(terms: Terms): JsonObject {
  return 'terms' in terms
    ? { ...terms, terms: { ...terms.terms, expiresAt: terms.terms.expiresAt.toISOString() } }
    : { ...terms };
}

type RuledField =
  | 'amount'
  | 'refundOf'
  | 'allowNegative'
  | 'toUserId'
  | 'expiresInSeconds'
  | 'holdId'
  | 'final'
  | keyof LotInput;
type Need = 'required' | 'optional';

const ruledFields: readonly RuledField[] = [
  'amount',
  'priority',
  'expiresAt',
  'refundOf',
  'allowNegative',
  'toUserId',
  'expiresInSeconds',
  'holdId',
  'final',
];

/** Which fields go with a type. Any other is refused rather than overlooked. */
const FIELDS: { readonly [type: string]: Partial<Record<RuledField, Need>> } = {
  purchase: { amount: 'required', priority: 'optional', expiresAt: 'optional' },
  grant: { amount: 'required', priority: 'optional', expiresAt: 'optional' },
  adjustment: { amount: 'required', priority: 'optional', expiresAt: 'optional' },
  spend: { amount: 'required' },
  refund: { amount: 'required', refundOf: 'required' },
  clawback: { amount: 'required', refundOf: 'required', allowNegative: 'optional' },
  transfer: { amount: 'required', toUserId: 'required' },
  hold: { amount: 'required', expiresInSeconds: 'optional' },
  capture: { amount: 'optional', holdId: 'required', final: 'optional' },
  release: { holdId: 'required' },
} satisfies Record<OperationKind, Partial<Record<RuledField, Need>>>;

const CHECKS: Record<RuledField, (value: unknown, input: PostInput) => FieldProblem | undefined> = {
  amount: amountProblem,
  priority: (value) => rangeProblem('priority', value, PRIORITY_MAX, 0),
  expiresAt: (value) =>
    value instanceof Date && value.getTime() >= 0 && value < NEVER
      ? undefined
      : { field: 'expiresAt', code: 'not_a_time', message: 'must be a time before the end of the year 9999' },
  refundOf: (value) => checkId('refundOf', value),
  toUserId: (value) => checkId('toUserId', value),
  holdId: (value) => checkId('holdId', value),
  expiresInSeconds: (value) => rangeProblem('expiresInSeconds', value, HOLD_SECONDS_MAX, 1),
  allowNegative: (value) => flagProblem('allowNegative', value),
  final: (value) => flagProblem('final', value),
};

function fieldProblem(field: RuledField, input: PostInput): FieldProblem | undefined {
  const fields = FIELDS[input.type];
  // An unknown type is a problem of its own.
  if (fields === undefined) return undefined;
  const need = fields[field];
  const value = input[field];
  if (value === undefined) {
    return need === 'required' ? CHECKS[field](value, input) : undefined;
  }
  return need === undefined
    ? { field, code: 'not_applicable', message: `does not go with a ${input.type}` }
    : CHECKS[field](value, input);
}

function amountProblem(amount: unknown, { type }: PostInput): FieldProblem | undefined {
  const size = type === 'adjustment' && typeof amount === 'number' ? Math.abs(amount) : amount;
  if (Number.isSafeInteger(size) && (size as number) >= 1) return undefined;
  const range =
    type === 'adjustment' ? `from 1 to ${AMOUNT_MAX} or from -${AMOUNT_MAX} to -1` : `from 1 to ${AMOUNT_MAX}`;
  return { field: 'amount', code: 'out_of_range', message: `must be a whole number ${range}` };
}

function rangeProblem(field: string, value: unknown, max: number, min: number): FieldProblem | undefined {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? undefined
    : { field, code: 'out_of_range', message: `must be a whole number from ${min} to ${max}` };
}

function flagProblem(field: string, value: unknown): FieldProblem | undefined {
  return typeof value === 'boolean' ? undefined : { field, code: 'wrong_type', message: 'must be true or false' };
}

function descriptionProblem({ type, description }: PostInput): FieldProblem | undefined {
  if (type === 'adjustment' && (description === undefined || description.trim() === '')) {
    return { field: 'description', code: 'required', message: 'must say why the balance is adjusted' };
  }
  return optionalText('description', description, { max: DESCRIPTION_LENGTH_MAX });
}

function optionalText(field: string, value: unknown, length: { min?: number; max: number }): FieldProblem | undefined {
  if (value === undefined) return undefined;
  return checkText(field, value, length);
}
