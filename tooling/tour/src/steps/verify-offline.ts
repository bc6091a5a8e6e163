import { createVerifier, type Verifier } from '@org/jwt-client';

import { prove, type Step, type Tour } from '../step.ts';
import { decodeToken, tamper } from '../token.ts';

const CHECKS = 100;

export const verifyOffline: Step = {
  title: 'Another application verifies the token offline, with @org/jwt-client',
  picture: ['Ada', 'access token', 'another application', '(no request)', 'keys in memory'],
  async act(tour) {
    const { screen, user } = tour;
    const { verifier, requests } = countingVerifier(tour);
    await verifier.ready();
    screen.says(`at its start it fetched the public keys: ${requests()} request`);

    const { subject } = verifier.verifySync(user.accessToken);
    prove(tour, `the token belongs to ${subject}`, subject === user.id);
    screen.says(
      `signature and claims take ${medianUs(() => verifier.verifySync(user.accessToken))} µs (median of ${CHECKS})`,
    );
    prove(tour, 'no request was made to verify it', requests() === 1);

    const forged = await verifier.safeVerify(tamper(user.accessToken, { roles: ['admin'] }));
    const code = forged.ok ? 'accepted' : forged.error.code;
    prove(tour, `with "roles": ["admin"] written into it, it is refused: ${code}`, !forged.ok);
    verifier.close();
  },
};

/** As an application makes it, except that it remembers no token: each check computes the signature. */
function countingVerifier({ url, user }: Tour): { verifier: Verifier; requests: () => number } {
  const { iss, aud } = decodeToken(user.accessToken).claims as { iss: string; aud: string };
  let requests = 0;
  const countingFetch: typeof fetch = async (...request) => {
    requests += 1;
    return fetch(...request);
  };
  const jwks = { uri: `${url}/.well-known/jwks.json`, fetch: countingFetch };
  return { verifier: createVerifier({ issuer: iss, audience: aud, jwks, cache: false }), requests: () => requests };
}

function medianUs(work: () => void): number {
  const durations = Array.from({ length: CHECKS }, () => {
    const startedMs = performance.now();
    work();
    return performance.now() - startedMs;
  });
  return Math.round((durations.toSorted((a, b) => a - b)[CHECKS / 2] ?? 0) * 1000);
}
