import { InvalidInput } from '../kernel/errors.ts';

const EMAIL_LENGTH_MAX = 254;
/** No invisible characters (\p{C}): they would make a second account that looks like the first. */
const ATOM = String.raw`[^\s@"(),:;<>[\\\].\p{C}]+`;
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?`;
const EMAIL = new RegExp(String.raw`^(?=[^@]{1,64}@)${ATOM}(?:\.${ATOM})*@${LABEL}(?:\.${LABEL})*$`, 'u');

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
  const isShort = email.length <= EMAIL_LENGTH_MAX && key.length <= EMAIL_LENGTH_MAX;
  if (isShort && EMAIL.test(key) && EMAIL.test(email)) return { email, key };
  throw new InvalidInput([
    { field: 'email', code: 'not_an_email', message: 'must be an e-mail address such as ada@example.org' },
  ]);
}

/** Compatibility-composed, trimmed, lower case: full-width letters and capitals make no second account. */
export function emailKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}

/** What a search looks into, folded as the search is. */
export function searchKey(email: string, name: string): string {
  return emailKey(`${email} ${name}`);
}
