/** Between how many seconds an answer of the issuer is fresh, and how many when it does not say. */
export interface FreshnessBounds {
  readonly min: number;
  readonly max: number;
  readonly usual: number;
}

/** How long an answer is fresh, in seconds: `max-age` less the `Age` in shared caches (RFC 9111 section 4.2), within bounds. */
export function freshSeconds(headers: Headers, { min, max, usual }: FreshnessBounds): number {
  const control = headers.get('cache-control') ?? '';
  if (/\bno-(store|cache)\b/i.test(control)) return min;
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(control)?.[1];
  const seconds = maxAge === undefined ? usual : Number(maxAge) - ageSeconds(headers);
  return Math.min(Math.max(seconds, min), max);
}

function ageSeconds(headers: Headers): number {
  const age = headers.get('age') ?? '';
  return /^\d{1,9}$/.test(age) ? Number(age) : 0;
}
