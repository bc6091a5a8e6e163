import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';

import type { FieldProblem } from '../kernel/errors.ts';
import type { Scope } from '../scope.ts';
import type { Settings } from '../settings.ts';

/** Longer input is refused before any hashing: argon2 reads all of it. */
export const PASSWORD_LENGTH_MAX = 128;

const HASH_BYTES = 32;
const SALT_BYTES = 16;

export function checkPassword(
  field: string,
  password: unknown,
  { passwordLengthMin }: Settings,
): FieldProblem | undefined {
  const length = typeof password === 'string' ? Array.from(password).length : 0;
  if (length >= passwordLengthMin && length <= PASSWORD_LENGTH_MAX) return undefined;
  return {
    field,
    code: 'wrong_length',
    message: `must have ${passwordLengthMin} to ${PASSWORD_LENGTH_MAX} characters`,
  };
}

/** argon2id (RFC 9106) in PHC format. @throws Overloaded */
export async function hashPassword({ hashing, settings }: Scope, password: string): Promise<string> {
  return hashing.run(() => argon2.hash(normalise(password), argon2Options(settings)));
}

/**
 * Whether the password fits. Without a hash (no such user, no password) it takes just as long and says no.
 *
 * @throws Overloaded
 */
export async function verifyPassword(
  { hashing, settings }: Scope,
  hash: string | undefined,
  password: string,
): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH_MAX * 4) return false;
  const fits = await hashing.run(() => argon2.verify(hash ?? decoyHash(settings), normalise(password)));
  return fits && hash !== undefined;
}

/** Whether a hash was made with other parameters than today's, and should be made again while the password is known. */
export function isOutdated(hash: string, settings: Settings): boolean {
  return argon2.needsRehash(hash, argon2Options(settings));
}

/** The same characters typed on another keyboard give the same password (RFC 8265 calls it OpaqueString). */
function normalise(password: string): string {
  return password.normalize('NFKC');
}

function argon2Options({ argon2MemoryKib, argon2Passes }: Settings) {
  return {
    type: argon2.argon2id,
    memoryCost: argon2MemoryKib,
    timeCost: argon2Passes,
    parallelism: 1,
    hashLength: HASH_BYTES,
  } as const;
}

/** A hash that costs as much as a real one and that no password has. */
function decoyHash({ argon2MemoryKib, argon2Passes }: Settings): string {
  const salt = unpadded(randomBytes(SALT_BYTES));
  const hash = unpadded(randomBytes(HASH_BYTES));
  return `$argon2id$v=19$m=${argon2MemoryKib},t=${argon2Passes},p=1$${salt}$${hash}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
