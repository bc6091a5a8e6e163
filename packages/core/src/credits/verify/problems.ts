/** What can be wrong. `projection` problems are repairable from the entries; the others are not. */
export type ProblemKind =
  | 'entry.gap'
  | 'entry.sum'
  | 'entry.time'
  | 'entry.chain'
  | 'entry.hash'
  | 'entry.transfer'
  | 'account.head'
  | 'projection.held'
  | 'projection.lots'
  | 'projection.lot'
  | 'projection.hold'
  | 'projection.refundable';

export interface Problem {
  kind: ProblemKind;
  accountId: string;
  /** The entry at fault, where it is one. */
  seq: number | null;
  /** The transaction, hold or lot at fault, where it is one. */
  subject: string | null;
}

const PROBLEMS_MAX = 100;

/** The first 100 problems, and the number of all. */
export class Problems {
  readonly first: Problem[] = [];
  readonly accounts = new Set<string>();
  count = 0;

  add(kind: ProblemKind, accountId: string, { seq = null, subject = null }: Partial<Problem> = {}): void {
    this.count += 1;
    this.accounts.add(accountId);
    if (this.first.length < PROBLEMS_MAX) this.first.push({ kind, accountId, seq, subject });
  }
}
