import { AccessTokenError } from '../errors/index.ts';
import { found } from '../jwks/key-set.ts';
import { importKeySet, type JSONWebKeySet, type KeysById } from '../jwks/jwk.ts';
import { type Algorithm, algorithms as offered } from '../jws/algorithms.ts';
import { sizedToken } from '../jws/compact.ts';
import { isObject, type JsonObject } from '../jws/json.ts';
import { jwsReader, type Signed } from '../jws/reader.ts';
import { isText, isTime } from '../jwt/claims.ts';
import { nodePrimitives } from '../node/primitives.ts';
import { ReceiptInvalid } from './receipt-invalid.ts';

export interface ReceiptOptions {
  /** Who must have signed it: its `iss`, exactly. */
  readonly issuer: string;
  /** The issuer's key set, as it was when the receipt was issued. Keep a copy: keys are withdrawn in time. */
  readonly keys: JSONWebKeySet;
  /** The user whose credits it is about. Default: any. */
  readonly subject?: string;
  /** The account it is about. Default: any. */
  readonly account?: string;
  /** Default: RS256, PS256 and ES256. */
  readonly algorithms?: readonly Algorithm[];
  /** Epoch milliseconds; for tests. */
  readonly clock?: () => number;
}

/** One entry of the ledger, as the issuer signed it. */
export interface Receipt {
  readonly id: string;
  readonly account: string;
  /** The place in the account's chain of entries, from 1. */
  readonly seq: number;
  readonly type: string;
  /** In whole units; negative when credits were taken. */
  readonly amount: number;
  readonly balance_after: number;
  /** The hash of the entry in the account's chain. */
  readonly hash: string;
  /** RFC 3339. */
  readonly created_at: string;
}

export interface VerifiedReceipt {
  readonly subject: string;
  readonly issuedAt: Date;
  readonly receipt: Receipt;
}

const toleranceSeconds = 5;

/**
 * What a signed receipt of the credit ledger proves: that the issuer stated this entry, for this user, at this time.
 * A receipt is a JWS (RFC 7515) of `typ: receipt+jwt`, checked as strictly as an access token; it does not expire.
 * Nothing is fetched. Throws ReceiptInvalid; TypeError when `keys` is no JWK Set.
 */
export function verifyReceipt(receipt: string, options: ReceiptOptions): VerifiedReceipt {
  const { issuer, subject, account, clock = Date.now } = options;
  const { iss, iat, sub, receipt: entry } = readPayload(receipt, options);
  if (iss !== issuer) throw mismatch('iss');
  if (!isText(sub) || (subject !== undefined && sub !== subject)) throw mismatch('sub');
  if (!isTime(iat) || !(iat <= clock() / 1000 + toleranceSeconds)) throw mismatch('iat');
  const parsed = parseReceipt(entry);
  if (account !== undefined && parsed.account !== account) throw mismatch('account');
  return Object.freeze({ subject: sub, issuedAt: new Date(iat * 1000), receipt: parsed });
}

function readPayload(receipt: unknown, { keys, algorithms = offered }: ReceiptOptions): JsonObject {
  const imported = importKeySet(keys, nodePrimitives) as KeysById;
  const findKey = (kid: string) => found(imported.get(kid));
  const readJws = jwsReader(nodePrimitives, algorithms, 'receipt+jwt', findKey);
  try {
    return (readJws(sizedToken(receipt)) as Signed).payload;
  } catch (error) {
    throw explain(error);
  }
}

const untrusted: readonly string[] = ['kid_unknown', 'signature_invalid', 'algorithm_not_allowed'];

function explain(error: unknown): unknown {
  if (!(error instanceof AccessTokenError)) return error;
  return new ReceiptInvalid(untrusted.includes(error.code) ? 'receipt_untrusted' : 'receipt_malformed');
}

const isWhole = (value: unknown) => Number.isSafeInteger(value);
const isCount = (value: unknown) => isWhole(value) && (value as number) >= 1;
const isInstant = (value: unknown) =>
  isText(value) && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));

const members = {
  id: isText,
  account: isText,
  seq: isCount,
  type: isText,
  amount: isWhole,
  balance_after: isWhole,
  hash: isText,
  created_at: isInstant,
} satisfies Record<keyof Receipt, (value: unknown) => boolean>;

function parseReceipt(entry: unknown): Receipt {
  if (!isObject(entry)) throw new ReceiptInvalid('receipt_malformed', { member: 'receipt' });
  for (const [member, accepts] of Object.entries(members))
    if (!accepts(entry[member])) throw new ReceiptInvalid('receipt_malformed', { member });
  return Object.freeze({ ...entry }) as unknown as Receipt;
}

const mismatch = (member: string) => new ReceiptInvalid('receipt_mismatch', { member });
