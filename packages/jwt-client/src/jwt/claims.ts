import { AccessTokenError } from '../errors/index.ts';
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
export const isText = (value: unknown): value is string => isString(value) && value !== '';
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
// Whole seconds within 2^53: 1e400 parses to Infinity, and a fraction or a string would compare in surprising ways.
export const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAudience = (value: unknown) => isText(value) || (isStrings(value) && value.length > 0);

const required = {
  iss: isText,
  aud: isAudience,
  sub: isText,
  client_id: isText,
  iat: isTime,
  exp: isTime,
  jti: isText,
};
const optional = { nbf: isTime, sid: isText, scope: isString, roles: isStrings };
const rules = Object.entries({ ...required, ...optional });

/** The payload as access token claims: all required ones present, all known ones of their type. */
export function parseClaims(payload: JsonObject): AccessTokenClaims {
  for (const [claim, accepts] of rules) {
    const value = payload[claim];
    if (value === undefined ? claim in required : !accepts(value))
      throw new AccessTokenError(value === undefined ? 'claim_missing' : 'claim_invalid', { claim });
  }
  return payload as AccessTokenClaims;
}
