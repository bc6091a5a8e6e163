/** What kind of failure it is. Doors map kinds to statuses in one table; the domain knows no statuses. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'insufficient'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'invalid'
  | 'limited'
  | 'unavailable'
  | 'internal';

/** One field at fault: its path as the caller wrote it (`profile.year`), a permanent code, and what to do. */
export interface FieldProblem {
  field: string;
  code: string;
  message: string;
}

/** The reason an error class stands for: its permanent `feature.reason` code, its kind and its title. */
export interface ErrorReason {
  readonly code: `${string}.${string}`;
  readonly kind: ErrorKind;
  readonly title: string;
}

/**
 * A refusal or failure that the domain has a name for. One class per reason; the message says what happened
 * and what to do, and holds nothing secret. `facts` are machine-readable extras such as `available`.
 */
export abstract class DomainError extends Error {
  abstract readonly reason: ErrorReason;
  readonly facts: Readonly<Record<string, string | number>> = {};
  readonly fields: readonly FieldProblem[] = [];
  /** When a retry makes sense: seconds from now. */
  readonly retryAfterSeconds: number | undefined = undefined;

  override get name(): string {
    return this.constructor.name;
  }

  get code(): string {
    return this.reason.code;
  }
}

/** Input that is well-formed but not acceptable; names every field at fault. */
export class InvalidInput extends DomainError {
  static readonly reason = {
    code: 'request.invalid',
    kind: 'invalid',
    title: 'The request has invalid fields',
  } as const;
  readonly reason = InvalidInput.reason;
  override readonly fields: readonly FieldProblem[];

  constructor(fields: readonly FieldProblem[]) {
    super(fields.map((problem) => `${problem.field}: ${problem.message}`).join('; '));
    this.fields = fields;
  }
}

/** The database cannot be reached or did not answer in time. Nothing is known to have been changed. */
export class DatabaseUnavailable extends DomainError {
  static readonly reason = {
    code: 'database.unavailable',
    kind: 'unavailable',
    title: 'The database cannot be reached',
  } as const;
  readonly reason = DatabaseUnavailable.reason;
  override readonly retryAfterSeconds = 2;

  constructor(cause: unknown) {
    super('The database cannot be reached at the moment. Try again in a few seconds.', { cause });
  }
}
