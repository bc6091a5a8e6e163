/** The time of day, handed in so that tests and replays decide it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** `date` plus a number of seconds (may be negative). */
export function plusSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
