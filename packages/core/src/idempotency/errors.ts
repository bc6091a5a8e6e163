import { DomainError } from '../kernel/errors.ts';

/** The key was used for another request before. */
export class KeyReused extends DomainError {
  static readonly reason = {
    code: 'idempotency.key_reused',
    kind: 'invalid',
    title: 'The idempotency key belongs to another request',
  } as const;
  readonly reason = KeyReused.reason;

  constructor() {
    super('This Idempotency-Key was sent with another body before. Use a new key for a new request.');
  }
}

/** The same request is being carried out right now. */
export class StillInFlight extends DomainError {
  static readonly reason = {
    code: 'idempotency.in_flight',
    kind: 'conflict',
    title: 'The same request is still being carried out',
  } as const;
  readonly reason = StillInFlight.reason;
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('A request with this Idempotency-Key is still being carried out. Send it again to get its answer.');
  }
}
