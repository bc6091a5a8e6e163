import type { DomainError } from '../../kernel/errors.ts';
import { AccountFrozen } from '../errors.ts';
import type { OperationKind } from '../operation.ts';
import type { Head } from './standing.ts';

/** What a frozen account does not do. What was promised before, such as the capture of a hold, is kept. */
const REFUSED_WHEN_FROZEN: ReadonlySet<OperationKind> = new Set(['spend', 'hold', 'transfer']);

export function statusRefusal({ status }: Head, kind: OperationKind): DomainError | undefined {
  if (status === 'open') return undefined;
  return status === 'closed' || REFUSED_WHEN_FROZEN.has(kind) ? new AccountFrozen(status) : undefined;
}
