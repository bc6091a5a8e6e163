import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { inspect } from 'node:util';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_LENGTH_MIN = 32;

/** Text that must not reach a log: prints as `[secret]` however it is written out. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** Everything that is done with `SECRET_KEY`. Each purpose gets its own key by HKDF (RFC 5869). */
export interface Vault {
  /** AES-256-GCM with a fresh nonce; `context` is authenticated, so a sealed text cannot be moved to another row. */
  seal(text: string, context: string): string;
  /** Opens what was sealed under this secret or the previous one. @throws Error when altered, moved, or sealed under another */
  open(sealed: string, context: string): string;
  /** Whether only the previous secret opens it. */
  isOutdated(sealed: string, context: string): boolean;
  /** HMAC-SHA-256 of `text` for a named purpose, 32 bytes. */
  mac(purpose: string, text: string): Buffer;
  /** The same under the previous secret, where there is one. */
  previousMac(purpose: string, text: string): Buffer | undefined;
}

/** @throws Error when a secret is shorter than 32 characters. */
export function createVault(secretKey: Secret, previousSecretKey?: Secret): Vault {
  const keys = keysOf(secretKey, 'SECRET_KEY');
  const previous = previousSecretKey && keysOf(previousSecretKey, 'SECRET_KEY_PREVIOUS');
  return {
    seal: (text, context) => seal(keys.sealing, text, context),
    open(sealed, context) {
      const text = tryOpen(keys.sealing, sealed, context) ?? (previous && tryOpen(previous.sealing, sealed, context));
      if (text === undefined) throw new Error('the sealed text was altered, moved, or sealed under another secret');
      return text;
    },
    isOutdated: (sealed, context) => tryOpen(keys.sealing, sealed, context) === undefined,
    mac: (purpose, text) => keys.mac(purpose, text),
    previousMac: (purpose, text) => previous?.mac(purpose, text),
  };
}

function keysOf(secret: Secret, name: string): { sealing: Buffer; mac: (purpose: string, text: string) => Buffer } {
  if (secret.reveal().length < SECRET_LENGTH_MIN) {
    throw new Error(
      `${name} must have at least ${SECRET_LENGTH_MIN} characters; make one with: openssl rand -base64 48`,
    );
  }
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret.reveal(), '', purpose, 32));
  // Key objects: bytes would be made into one for every text, which takes six times as long as the HMAC itself.
  const macKeys = new Map<string, KeyObject>();
  return {
    sealing: derive('seal'),
    mac(purpose, text) {
      const key = macKeys.get(purpose) ?? createSecretKey(derive(`mac:${purpose}`));
      macKeys.set(purpose, key);
      return createHmac('sha256', key).update(text).digest();
    },
  };
}

function seal(key: Buffer, text: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

function tryOpen(key: Buffer, sealed: string, context: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  try {
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(Buffer.from(context));
    decipher.setAuthTag(tag);
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    // Too short, or the tag does not fit: with another key it may.
    return undefined;
  }
}

/** SHA-256 in hex: how opaque tokens and request bodies are stored. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** An opaque token of `bytes` random bytes (256 bits unless told), base64url. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}
