import { AccessTokenError } from '../errors/index.ts';
import type { StandardSchemaV1 } from '../standard-schema.ts';
import type { AccessTokenClaims } from './claims.ts';

/**
 * The claims as the application sees them: what its schema makes of them, else the claims of the token.
 * Frozen, because one object serves every request with the same token.
 */
export function acceptClaims<C>(claims: AccessTokenClaims, schema: StandardSchemaV1<unknown, C> | undefined): C {
  // Without a schema C is AccessTokenClaims: the default of createVerifier's type parameter.
  if (!schema) return claims as C;
  try {
    const result = schema['~standard'].validate(claims);
    if (result instanceof Promise) {
      result.catch(() => {}); // Nobody will await it, and an unhandled rejection would end the process.
      throw new TypeError('claims must not answer with a promise');
    }
    if (result.issues) throw new Error(result.issues.map((issue) => issue.message).join('; '));
    return deepFreeze(result.value);
  } catch (cause) {
    throw new AccessTokenError('claims_rejected', { cause });
  }
}

/** What is no object counts as frozen. A schema may make dates, maps or buffers, which freezing would break. */
function deepFreeze<T>(value: T): T {
  if (!Object.isFrozen(value) && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype))
    Object.values(Object.freeze(value as object)).forEach(deepFreeze);
  return value;
}
