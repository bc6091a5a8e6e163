import { checkId, requireValid } from '../kernel/fields.ts';
import type { Scope } from '../scope.ts';
import type { Owner } from './accounts.ts';
import { leftOf } from './apply/standing.ts';
import { HoldMissing } from './errors.ts';
import type { PostingInput } from './operation.ts';
import { post } from './post.ts';
import { holdOf, type HoldRow } from './rows.ts';
import type { TransactionView } from './views.ts';

/** Credits set aside for a spend to come. */
export interface HoldView {
  id: string;
  userId: string;
  unit: string;
  amount: number;
  /** How much of it has been spent. */
  captured: number;
  /** How much of it has been let go, by a release, a final capture, or because it expired. */
  released: number;
  /** How much is still held. */
  held: number;
  status: 'open' | 'closed';
  expiresAt: Date;
  description: string | null;
  reference: string | null;
  createdAt: Date;
}

export interface HoldInput extends PostingInput {
  /** 1 second to 30 days; 7 days unless told. */
  expiresInSeconds?: number | undefined;
}

/**
 * Sets credits aside for a spend to come: they stay in the balance, and nothing but captures of this hold can spend them
 * until it ends. It ends when all of it is captured or released, or by itself exactly at `expiresAt`.
 *
 * @throws InsufficientCredits with what is available
 * @throws InvalidInput, UserMissing, AccountFrozen, KeyReused
 */
export async function hold(scope: Scope, input: HoldInput): Promise<HoldView> {
  return placedHold(await post(scope, { ...input, type: 'hold' }));
}

/** A hold as the transaction that placed it says. */
export function placedHold(transaction: TransactionView): HoldView {
  const { id, userId, unit, heldChange: amount, expiresAt, description, reference, createdAt } = transaction;
  const untouched = { captured: 0, released: 0, held: amount, status: 'open' } as const;
  return { id, userId, unit, amount, ...untouched, expiresAt: expiresAt as Date, description, reference, createdAt };
}

/** A hold that exists. */
export interface HoldName extends Omit<PostingInput, 'userId' | 'unit' | 'amount'> {
  holdId: string;
  /** Only if it is this user's. */
  userId?: string | undefined;
}

export interface CaptureInput extends HoldName {
  /** All that is held unless told. */
  amount?: number | undefined;
  /** Whether this is the last capture, so that the rest is let go. */
  final?: boolean | undefined;
}

/**
 * Spends credits that are held, in one or many parts. A capture cannot be refused for want of credits, and can be
 * refunded like any spend.
 *
 * @throws HoldMissing
 * @throws HoldClosed when nothing is held any more
 * @throws HoldExceeds with what is
 * @throws InvalidInput, AccountFrozen (closed accounts only), KeyReused
 */
export async function capture(scope: Scope, input: CaptureInput): Promise<TransactionView> {
  return post(scope, { ...input, ...(await ownerOf(scope, input)), type: 'capture' });
}

/**
 * Lets go of what is still held, so that it can be spent otherwise.
 *
 * @throws HoldMissing
 * @throws HoldClosed when nothing is held any more
 * @throws InvalidInput, AccountFrozen (closed accounts only), KeyReused
 */
export async function release(scope: Scope, input: HoldName): Promise<TransactionView> {
  return post(scope, { ...input, ...(await ownerOf(scope, input)), type: 'release' });
}

/** A hold never changes hands, so its owner may be looked up before it is locked. */
async function ownerOf(scope: Scope, { holdId, userId }: HoldName): Promise<Owner> {
  const view = await getHold(scope, { id: holdId, userId });
  return { userId: view.userId, unit: view.unit };
}

/**
 * One hold by its id, as of now; with `userId`, only if it is that user's.
 *
 * @throws InvalidInput when an id is no UUID
 * @throws HoldMissing
 */
export async function getHold(
  scope: Scope,
  { id, userId }: { id: string; userId?: string | undefined },
): Promise<HoldView> {
  requireValid(checkId('holdId', id), userId === undefined ? undefined : checkId('userId', userId));
  const [row] = await scope.database.read<HoldRow & { owner_id: string; unit: string } & Noted>(
    `select h.*, a.owner_id, a.unit, e.description, e.reference from credit_hold h
     join credit_account a on a.id = h.account_id join credit_entry e on e.tx_id = h.id and e.leg = 0 where h.id = ?`,
    [id],
  );
  if (row === undefined || (userId !== undefined && row.owner_id !== userId)) throw new HoldMissing(id);
  const { dialect } = scope.database;
  const { amount, captured, released, expiresAt, ...known } = holdOf(row, dialect);
  const left = expiresAt <= scope.now() ? 0 : leftOf({ amount, captured, released });
  return {
    id: known.id,
    userId: row.owner_id,
    unit: row.unit,
    amount,
    captured,
    released: amount - captured - left,
    held: left,
    status: left > 0 ? 'open' : 'closed',
    expiresAt,
    description: row.description,
    reference: row.reference,
    createdAt: dialect.fromTime(row.created_at),
  };
}

interface Noted {
  description: string | null;
  reference: string | null;
  created_at: unknown;
}
