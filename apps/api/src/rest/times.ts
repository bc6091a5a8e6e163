import { InvalidInput } from '@org/core';

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** A moment as RFC 3339 writes it, from a query or a body. @throws InvalidInput */
export function parseTime(field: string, text: string): Date;
export function parseTime(field: string, text: string | undefined): Date | undefined;
export function parseTime(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const [, day] = RFC_3339.exec(text) ?? [];
  const time = new Date(text);
  if (day !== undefined && isDay(day) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidInput([{ field, code: 'wrong_format', message: 'must be a moment such as 2026-01-15T12:00:00Z' }]);
}

/** `Date` takes 31 February for 3 March. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
