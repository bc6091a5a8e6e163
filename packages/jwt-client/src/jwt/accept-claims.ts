import { AccessTokenError } from '../errors/index.ts';
import type { StandardSchemaV1 } from '../standard-schema.ts';
import type { AccessTokenClaims } from './claims.ts';

/**
 * The claims as the application sees them: what its schema makes of them, else the claims of the token.
 * Frozen, because one object serves every request with the same token.
 */
export function acceptClaims<C>(claims: AccessTokenClaims, schema: StandardSchemaV1<unknown, C> | undefined): C {
  // Without a schema C is AccessTokenClaims: the default of createVerifier's type parameter.
  return schema ? deepFreeze(applySchema(claims, schema)) : (claims as C);
}

function applySchema<C>(claims: AccessTokenClaims, schema: StandardSchemaV1<unknown, C>): C {
  const result = validate(claims, schema);
  if (result instanceof Promise) {
    result.catch(() => {}); // Nobody will await it, and an unhandled rejection would end the process.
    throw rejected(new TypeError('The claims schema must answer synchronously'));
  }
  if (result.issues) throw rejected(new Error(result.issues.map((issue) => issue.message).join('; ')));
  return result.value;
}

function validate<C>(claims: AccessTokenClaims, schema: StandardSchemaV1<unknown, C>) {
  try {
    return schema['~standard'].validate(claims);
  } catch (error) {
    throw rejected(error);
  }
}

const rejected = (cause: unknown) => new AccessTokenError('claims_rejected', { cause });

function deepFreeze<T>(value: T): T {
  if (!isPlain(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** A schema may make dates, maps or buffers, which freezing would break. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
