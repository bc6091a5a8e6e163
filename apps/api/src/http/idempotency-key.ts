import { InvalidInput, type KeyedRequest } from '@org/core';
import type { Request } from 'express';

import { callerOf } from './exchange.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * The request as its key identifies it: caller, method and path make the scope, body and query what must not differ.
 * `undefined` when it carries no key.
 *
 * @throws InvalidInput unless the key has 1 to 200 visible ASCII characters
 */
export function keyedRequestOf(request: Request): KeyedRequest | undefined {
  const header = request.get('Idempotency-Key') === undefined ? 'X-Request-ID' : 'Idempotency-Key';
  const key = request.get(header);
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    throw new InvalidInput([
      { field: header, code: 'wrong_format', message: 'must have 1 to 200 visible ASCII characters' },
    ]);
  }
  const { method, query } = request;
  const route = decodeURIComponent(request.path).replace(/\/$/, '');
  const body = JSON.stringify(inOneOrder([request.body ?? null, query]));
  return { caller: callerOf(request).actor, method, route, key, body };
}

/** The order of names says nothing in JSON, and another try may send another one. */
function inOneOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOneOrder);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).toSorted();
  return Object.fromEntries(names.map((name) => [name, inOneOrder((value as Record<string, unknown>)[name])]));
}
