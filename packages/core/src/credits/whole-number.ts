/** The largest amount and balance: what a JSON number carries exactly. */
export const AMOUNT_MAX = Number.MAX_SAFE_INTEGER;

/**
 * A bigint column as a number. Drivers give it as text (PostgreSQL) or as a number (SQLite); sums of bigints may come
 * as either.
 *
 * @throws RangeError rather than round what no number holds exactly
 */
export function wholeNumber(value: unknown): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (Number.isSafeInteger(number)) return number as number;
  throw new RangeError(`not a whole number within ±(2^53 - 1): ${String(value)}`);
}
