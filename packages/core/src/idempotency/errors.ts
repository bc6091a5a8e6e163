import { DomainError } from '../kernel/errors.ts';
import type { StoredAnswer } from './store.ts';

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

/** Not a failure: the request was answered before, and `answer` is what it was told. A door sends it again. */
export class Replayed extends DomainError {
  static readonly reason = {
    code: 'idempotency.replayed',
    kind: 'conflict',
    title: 'The request was answered before',
  } as const;
  readonly reason = Replayed.reason;
  readonly answer: StoredAnswer;

  constructor(answer: StoredAnswer) {
    super('This request was carried out before. Its answer is the one that was given then.');
    this.answer = answer;
  }
}
