import { DomainError } from '../../kernel/errors.ts';

/** The process is ending. Nothing was started. */
export class LedgerClosing extends DomainError {
  static readonly reason = {
    code: 'credits.closing',
    kind: 'unavailable',
    title: 'The service is shutting down',
  } as const;
  readonly reason = LedgerClosing.reason;
  override readonly retryAfterSeconds = 2;

  constructor() {
    super('This process is shutting down and takes no more postings. Try again: another one will answer.');
  }
}

/** The connection was lost at the commit, and the database could not be asked what became of it in time. */
export class OutcomeUnknown extends DomainError {
  static readonly reason = {
    code: 'credits.outcome_unknown',
    kind: 'unavailable',
    title: 'It is not known whether the posting was made',
  } as const;
  readonly reason = OutcomeUnknown.reason;
  override readonly retryAfterSeconds = 5;

  constructor(cause: unknown) {
    super(
      'The database was lost while the posting was being committed, so it is not known whether it was made. Send the same request with the same idempotency key again: it is carried out once.',
      { cause },
    );
  }
}
