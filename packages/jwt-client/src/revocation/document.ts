import { isObject, type JsonObject } from '../jws/json.ts';
import { isText, isTime } from '../jwt/claims.ts';
import type { Settings } from '../options.ts';

/** What an entry may revoke: a session, one token, or what a subject was issued up to `not_before`. */
export const revocable = ['sid', 'jti', 'sub'] as const;

export interface Revocation {
  readonly kind: (typeof revocable)[number];
  readonly id: string;
  /** Epoch seconds: tokens issued until then are revoked, inclusive, for `iat` has whole seconds. Infinity: all. */
  readonly notBefore: number;
  /** For how long after the document was issued it must be known. */
  readonly keepMs: number;
}

export interface RevocationDocument {
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly cursor: string;
  readonly complete: boolean;
  readonly revocations: readonly Revocation[];
}

const cursorCharactersMax = 256;

export interface Asked {
  readonly settings: Pick<Settings, 'issuer' | 'clock' | 'clockToleranceSeconds'>;
  /** The cursor that was asked with. */
  readonly since: string | undefined;
}

/**
 * The payload of a revocation feed, docs/revocation-feed.md. Throws when it is not what was asked for, or holds
 * anything not understood: whoever passes over a revocation must not believe to be up to date.
 */
export function parseDocument(payload: JsonObject, { settings, since }: Asked): RevocationDocument {
  const { iss, iat, exp, cursor, complete, revocations } = payload;
  const nowSeconds = settings.clock() / 1000;
  const { issuer, clockToleranceSeconds: tolerance } = settings;
  if (iss !== issuer) throw unfit('is of another issuer');
  if (!isTime(iat) || !isTime(exp)) throw unfit('has no times');
  if (!(nowSeconds < exp + tolerance && nowSeconds >= iat - tolerance)) throw unfit('is not of this time');
  if (!isCursor(cursor) || typeof complete !== 'boolean') throw unfit('has no place');
  // A delta from elsewhere would leave a gap that nobody notices.
  if (!complete && (since === undefined || payload['since'] !== since)) throw unfit('leaves a gap');
  if (!Array.isArray(revocations)) throw unfit('has no revocations');
  return { expiresAt: exp, cursor, complete, revocations: revocations.map((entry) => parseRevocation(entry, iat)) };
}

const isCursor = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= cursorCharactersMax;

function parseRevocation(entry: unknown, iat: number): Revocation {
  if (!isObject(entry)) throw unfit(notUnderstood);
  const [kind = 'sid', ...others] = revocable.filter((name) => name in entry);
  const { [kind]: id, not_before: notBefore, forget_after: forgetAfter } = entry;
  if (others.length > 0 || !isText(id) || !isTime(forgetAfter)) throw unfit(notUnderstood);
  const keepMs = (forgetAfter - iat) * 1000;
  if (kind !== 'sub') return { kind, id, notBefore: Infinity, keepMs };
  if (!isTime(notBefore)) throw unfit(notUnderstood);
  return { kind, id, notBefore, keepMs };
}

const notUnderstood = 'has an entry that is not understood';
const unfit = (reason: string) => new Error(`The revocation feed ${reason}`);
