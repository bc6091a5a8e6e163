/** The time of day, handed in so that tests and replays decide it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** `date` plus a number of seconds (may be negative). */
export function plusSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

let lastMs = Number.NaN;
let lastText = '';

/** RFC 3339 in UTC with milliseconds: `2026-01-15T12:00:00.000Z`. What is written in one batch mostly has one time. */
export function rfc3339(date: Date): string {
  const ms = date.getTime();
  if (ms !== lastMs) {
    lastText = date.toISOString();
    lastMs = ms;
  }
  return lastText;
}
