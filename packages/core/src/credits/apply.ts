import { DomainError } from '../kernel/errors.ts';
import { LotExpired } from './errors.ts';
import { isExpired } from './lots.ts';
import { askedBy, type Operation, type OperationOf } from './operation.ts';
import { added, burn, burnt, excess, shortage, spendable } from './apply/amounts.ts';
import { posted, type Draft } from './apply/draft.ts';
import { capture, placeHold, release } from './apply/holds.ts';
import { clawback, refund } from './apply/refunds.ts';
import { statusRefusal } from './apply/refusals.ts';
import { entryTime, type Moment, type Posting, type Standing } from './apply/standing.ts';

export {
  availableOf,
  type Head,
  type Hold,
  type Moment,
  type Origin,
  type Posting,
  type Standing,
} from './apply/standing.ts';
export { applyTransfer } from './apply/transfer.ts';
export { settle } from './apply/settle.ts';

/** An operation on one account. */
export type SingleOperation = Exclude<Operation, { kind: 'transfer' }>;

/**
 * Decides one operation: the next head with its entry, or the reason for a refusal. Pure: no I/O, clock and ids are
 * handed in. What is due by then must have been settled before (`settle`).
 */
export function apply(standing: Standing, operation: SingleOperation, moment: Moment): Posting | DomainError {
  const refusal = statusRefusal(standing.head, operation.kind);
  if (refusal !== undefined) return refusal;
  const rule = rules[operation.kind] as Rule<SingleOperation['kind']>;
  const draft = rule(standing, operation, moment);
  return draft instanceof DomainError ? draft : posted(standing, draft, askedBy(operation), moment.now);
}

type Rule<Kind extends SingleOperation['kind']> = (
  standing: Standing,
  operation: OperationOf<Kind>,
  moment: Moment,
) => Draft | DomainError;

const rules: { readonly [Kind in SingleOperation['kind']]: Rule<Kind> } = {
  purchase: add,
  grant: add,
  adjustment: (standing, operation, moment) => (operation.amount > 0 ? add : take)(standing, operation, moment),
  spend: take,
  refund,
  clawback,
  hold: placeHold,
  capture,
  release,
};

function add(
  { head }: Standing,
  { kind, amount, terms }: OperationOf<'purchase' | 'grant' | 'adjustment'>,
  { now, newId }: Moment,
): Draft | DomainError {
  if (isExpired(terms, entryTime(head, now))) return new LotExpired(terms.expiresAt);
  return excess(head, amount) ?? { kind, amount, lots: added(head, [{ amount, into: terms }], newId) };
}

function take(
  { head, lots }: Standing,
  { kind, amount }: OperationOf<'spend' | 'adjustment'>,
  { now }: Moment,
): Draft | DomainError {
  const refusal = shortage(head, -amount);
  if (refusal !== undefined) return refusal;
  return { kind, amount, lots: burnt(burn(head, spendable(lots, entryTime(head, now)), -amount)) };
}
