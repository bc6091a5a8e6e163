const freshSecondsMin = 60;
const freshSecondsMax = 3600;
const freshSecondsDefault = 300;

/**
 * How long fetched keys are fresh, in seconds: `max-age` less the `Age` in shared caches (RFC 9111 section 4.2),
 * but never under a minute (a key set is not worth a fetch per request) nor over an hour (withdrawn keys must go).
 */
export function freshSeconds(headers: Headers): number {
  const control = headers.get('cache-control') ?? '';
  if (/\bno-(store|cache)\b/i.test(control)) return freshSecondsMin;
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(control)?.[1];
  const seconds = maxAge === undefined ? freshSecondsDefault : Number(maxAge) - ageSeconds(headers);
  return Math.min(Math.max(seconds, freshSecondsMin), freshSecondsMax);
}

function ageSeconds(headers: Headers): number {
  const age = headers.get('age') ?? '';
  return /^\d{1,9}$/.test(age) ? Number(age) : 0;
}
