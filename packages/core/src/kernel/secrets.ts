import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
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
  /** @throws Error when the text was altered, moved, or sealed under another key. */
  open(sealed: string, context: string): string;
  /** HMAC-SHA-256 of `text` for a named purpose, 32 bytes. */
  mac(purpose: string, text: string): Buffer;
}

/** @throws Error when the secret is shorter than 32 characters. */
export function createVault(secretKey: Secret): Vault {
  if (secretKey.reveal().length < SECRET_LENGTH_MIN) {
    throw new Error(
      `SECRET_KEY must have at least ${SECRET_LENGTH_MIN} characters; make one with: openssl rand -base64 48`,
    );
  }
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secretKey.reveal(), '', purpose, 32));
  const sealingKey = derive('seal');
  const macKeys = new Map<string, Buffer>();
  const macKey = (purpose: string): Buffer => {
    const known = macKeys.get(purpose);
    if (known !== undefined) return known;
    const key = derive(`mac:${purpose}`);
    macKeys.set(purpose, key);
    return key;
  };
  return {
    seal: (text, context) => seal(sealingKey, text, context),
    open: (sealed, context) => open(sealingKey, sealed, context),
    mac: (purpose, text) => createHmac('sha256', macKey(purpose)).update(text).digest(),
  };
}

function seal(key: Buffer, text: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
}

function open(key: Buffer, sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  decipher.setAuthTag(tag);
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

/** SHA-256 in hex: how opaque tokens and request bodies are stored. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** An opaque token of `bytes` random bytes (256 bits unless told), base64url. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}
