import { InvalidInput } from '../kernel/errors.ts';

const EMAIL_LENGTH_MAX = 254;
const EMAIL = /^[^\s@"(),:;<>[\\\]\p{Cc}]{1,64}@[^\s@"(),:;<>[\\\]_\p{Cc}]{1,253}$/u;

export interface EmailAddress {
  /** As it is shown and written to: trimmed and in Unicode's composed form. */
  email: string;
  /** What makes two addresses the same. */
  key: string;
}

/**
 * Reads an address as a person typed it. Only the shape is checked: that it works is for a mail to prove.
 *
 * @throws InvalidInput
 */
export function parseEmail(text: string): EmailAddress {
  const email = text.normalize('NFC').trim();
  const key = emailKey(text);
  if (email.length <= EMAIL_LENGTH_MAX && EMAIL.test(key) && EMAIL.test(email)) return { email, key };
  throw new InvalidInput([
    { field: 'email', code: 'not_an_email', message: 'must be an e-mail address such as ada@example.org' },
  ]);
}

/** Compatibility-composed, trimmed, lower case: full-width letters and capitals make no second account. */
export function emailKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
