import { InvalidInput } from '@org/core';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** A moment as RFC 3339 writes it, from a query. @throws InvalidInput */
export function parseTime(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (RFC_3339.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidInput([{ field, code: 'wrong_format', message: 'must be a moment such as 2026-01-15T12:00:00Z' }]);
}
