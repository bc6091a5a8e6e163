import { ClaimInvalid, ClaimMissing } from '../errors/index.ts';
import type { JsonObject } from '../jws/json.ts';

/** The claims of an access token: RFC 9068 section 2.2, with `sid` and `roles` of the issuer. Times are epoch seconds. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  readonly sub: string;
  readonly client_id: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly nbf?: number;
  readonly sid?: string;
  /** Space-separated, RFC 8693 section 4.2. */
  readonly scope?: string;
  readonly roles?: readonly string[];
  readonly [claim: string]: unknown;
}

const isString = (value: unknown) => typeof value === 'string';
const isText = (value: unknown) => isString(value) && value !== '';
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
// Whole seconds within 2^53: 1e400 parses to Infinity, and a fraction or a string would compare in surprising ways.
const isTime = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isAudience = (value: unknown) => isText(value) || (isStrings(value) && value.length > 0);

interface ClaimRule {
  readonly name: string;
  readonly required: boolean;
  readonly accepts: (value: unknown) => boolean;
}

const rules: readonly ClaimRule[] = [
  { name: 'iss', required: true, accepts: isText },
  { name: 'aud', required: true, accepts: isAudience },
  { name: 'sub', required: true, accepts: isText },
  { name: 'client_id', required: true, accepts: isText },
  { name: 'iat', required: true, accepts: isTime },
  { name: 'exp', required: true, accepts: isTime },
  { name: 'jti', required: true, accepts: isText },
  { name: 'nbf', required: false, accepts: isTime },
  { name: 'sid', required: false, accepts: isText },
  { name: 'scope', required: false, accepts: isString },
  { name: 'roles', required: false, accepts: isStrings },
];

/** The payload as access token claims: all required ones present, all known ones of their type. */
export function parseClaims(payload: JsonObject): AccessTokenClaims {
  for (const { name, required, accepts } of rules) {
    const value = payload[name];
    if (value === undefined && !required) continue;
    if (value === undefined) throw new ClaimMissing({ claim: name });
    if (!accepts(value)) throw new ClaimInvalid({ claim: name });
  }
  return payload as AccessTokenClaims;
}
