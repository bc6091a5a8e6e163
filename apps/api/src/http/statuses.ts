import type { ErrorKind } from '@org/core';

/** The one place where failures of the domain become statuses of HTTP. */
export const statusOf = {
  malformed: 400,
  unauthenticated: 401,
  insufficient: 402,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  invalid: 422,
  limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/** Business rules said no: the same request gets the same answer again. Faults of ours and of its form do not stick. */
export const isLastingRefusal = {
  malformed: false,
  unauthenticated: false,
  insufficient: true,
  forbidden: true,
  missing: true,
  conflict: true,
  invalid: false,
  limited: false,
  internal: false,
  unavailable: false,
} as const satisfies Record<ErrorKind, boolean>;
