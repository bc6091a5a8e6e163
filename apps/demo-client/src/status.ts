import type { Verifier } from '@org/jwt-client';
import type { RequestHandler } from 'express';

/** What the verifier knows, and how few requests that took. Of use to operators, and open to all: it names nobody. */
export function status(verifier: Verifier, outgoing: () => number): RequestHandler {
  return function showStatus(_request, response) {
    const { keys, revocation } = verifier.status();
    response.set('Cache-Control', 'no-store').json({
      outgoing_requests: outgoing(),
      keys: { state: keys.state, count: keys.keyIds.length },
      revocations: revocation
        ? { state: revocation.state, entries: revocation.entries, age_seconds: revocation.ageSeconds ?? null }
        : { state: 'off' },
    });
  };
}
