import { AccessTokenError } from '../errors/index.ts';
import { warn } from '../hooks.ts';
import { fixedKeySet } from '../jwks/key-set.ts';
import type { Settings } from '../options.ts';
import type { Primitives } from '../primitives.ts';
import type { Issuer } from './issuer.ts';

/**
 * The issuer as it is known at the moment of asking. All that follows it over the network is loaded beside the first
 * tokens, as a file of its own: who is given the keys, and follows no revocations, never loads it.
 */
export function openIssuer(settings: Settings, primitives: Primitives, closing: AbortSignal): () => Issuer {
  const { jwks, revocation } = settings;
  const keySet = fixedKeySet(jwks.keys, primitives);
  const atHand: Issuer = {
    ...keySet,
    isRevoked() {
      if (revocation && revocation.onStale === 'refuse') throw new AccessTokenError('revocations_unavailable');
      return false;
    },
    status: () => ({ keys: keySet.status(), revocation: undefined }),
  };
  if (jwks.keys && !revocation) return () => atHand;

  let known: Issuer = { ...atHand, revalidate: () => following.then((issuer) => issuer?.revalidate()) };
  // Without its own file on the disk a program cannot go on; until it is restarted it says "try again" (503).
  const following = import('./follow.ts').then(
    ({ followIssuer }) => (known = followIssuer({ settings, primitives, keySet, closing })),
    warn,
  );
  return () => known;
}
