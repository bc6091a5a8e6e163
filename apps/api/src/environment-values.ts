import { isIP } from 'node:net';
import { Secret } from '@org/core';
import { z } from 'zod';

/** The kinds of text that environment variables hold. Messages complete the sentence "<NAME> …" and never echo a value. */

export function text(lengthMax: number) {
  const message = `must have 1 to ${lengthMax} characters`;
  return z.string(message).trim().min(1, message).max(lengthMax, message);
}

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string(message)
    .trim()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((number) => number >= min && number <= max, message);
}

export function secret(lengthMin: number) {
  return z
    .string()
    .min(lengthMin, `must have at least ${lengthMin} characters`)
    .max(4_096, 'must have at most 4096 characters')
    .transform((plain) => new Secret(plain));
}

export function databaseUrl() {
  return z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, { error: 'must begin with sqlite: or postgres://', abort: true })
    .refine(
      (plain) => plain.startsWith('sqlite:') || isPostgresUrl(plain),
      'must be postgres://user:password@host:port/database; write @ : / ? # in a password as %40 %3A %2F %3F %23',
    )
    .transform((plain) => new Secret(plain));
}

/** A bare `/`, `?` or `#` in a password ends the host early: the rest of the password would be taken for something else. */
function isPostgresUrl(plain: string): boolean {
  const [, afterHost = ''] = /^\w+:\/\/[^/?#]*(.*)$/s.exec(plain) ?? [];
  return URL.canParse(plain) && !/[@#]/.test(afterHost);
}

/** `https://sso.example.org`: no path, no trailing slash, so that it can be compared byte by byte. */
export function baseUrl() {
  return z
    .string()
    .refine(isOrigin, 'must be a base URL without a path or a trailing slash, such as https://sso.example.org');
}

export function webAddress() {
  return z.string().refine(isWebAddress, 'must be an http or https URL');
}

export function origins() {
  return z
    .string()
    .transform(listed)
    .refine(
      (list) => list.every(isOrigin),
      'must be exact origins such as https://app.example.org, separated by commas',
    );
}

/** A number of proxies, or their addresses, networks (CIDR) and the names `loopback`, `linklocal`, `uniquelocal`. */
export function trustedProxies() {
  return z
    .string()
    .trim()
    .transform((plain): false | number | string[] => (/^\d{1,2}$/.test(plain) ? Number(plain) : listed(plain)))
    .refine(
      (proxies) => proxies === false || typeof proxies === 'number' || (proxies.length > 0 && proxies.every(isNetwork)),
      'must be a number of proxies, or addresses such as 10.0.0.0/8, separated by commas',
    );
}

/** Whether a secret is one that everybody knows, or made of so few characters that it can be tried out. */
export function isGuessable(secretText: string): boolean {
  return new Set(secretText).size < 10 || /change-?me|example|secret-?key|your-|password|replace/i.test(secretText);
}

function isWebAddress(plain: string): boolean {
  return URL.canParse(plain) && /^https?:$/.test(new URL(plain).protocol);
}

function listed(plain: string): string[] {
  return plain
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function isOrigin(plain: string): boolean {
  return isWebAddress(plain) && new URL(plain).origin === plain;
}

function isNetwork(plain: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(plain)) return true;
  const [address = '', bits, ...rest] = plain.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
