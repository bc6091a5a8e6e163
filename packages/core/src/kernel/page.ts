import { InvalidInput } from './errors.ts';

export const PAGE_LIMIT_MAX = 100;
export const PAGE_LIMIT_DEFAULT = 20;
const PAGE_MAX = 1_000_000;

/** One page of a counted list. */
export interface Page<T> {
  data: T[];
  total: number;
  page: number;
  limit: number;
}

/** One stretch of an append-only list; `nextCursor` is null at the end. */
export interface Stretch<T> {
  data: T[];
  limit: number;
  nextCursor: string | null;
}

/** Checks `page` (1..1,000,000) and `limit` (1..100). @throws InvalidInput */
export function parsePage(input: { page?: number | undefined; limit?: number | undefined }): {
  page: number;
  limit: number;
  offset: number;
} {
  const page = wholeNumber('page', input.page ?? 1, PAGE_MAX);
  const limit = parseLimit(input.limit);
  return { page, limit, offset: (page - 1) * limit };
}

/** Checks `limit` (1..100, 20 unless told). @throws InvalidInput */
export function parseLimit(limit: number | undefined): number {
  return wholeNumber('limit', limit ?? PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX);
}

function wholeNumber(field: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new InvalidInput([{ field, code: 'out_of_range', message: `must be a whole number from 1 to ${max}` }]);
}
