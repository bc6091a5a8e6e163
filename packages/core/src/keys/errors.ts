import { DomainError } from '../kernel/errors.ts';

/** There is no key to sign with: setup has not run, or this process has another SECRET_KEY. */
export class NoSigningKey extends DomainError {
  static readonly reason = {
    code: 'keys.none_active',
    kind: 'unavailable',
    title: 'There is no signing key',
  } as const;
  readonly reason = NoSigningKey.reason;
  override readonly retryAfterSeconds = 5;

  constructor() {
    super('There is no active signing key that this process can use. Start the server once, or call core.setup().');
  }
}

/** A key is named that is not published (any more). */
export class KeyMissing extends DomainError {
  static readonly reason = { code: 'keys.missing', kind: 'missing', title: 'There is no such key' } as const;
  readonly reason = KeyMissing.reason;

  constructor(kid: string) {
    super(`There is no published key ${kid}. GET /api/keys lists those that are.`);
  }
}

/** The private keys in the database were sealed under another secret. */
export class SecretKeyWrong extends Error {
  constructor(kid: string) {
    super(
      `SECRET_KEY does not open the signing key ${kid}. Set the SECRET_KEY that this database was used with, ` +
        'or give that one as SECRET_KEY_PREVIOUS beside a new one.',
    );
  }
}
