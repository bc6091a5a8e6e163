import type { VerificationKey } from '../jwks/jwk.ts';
import type { KeySetStatus } from '../jwks/key-set.ts';
import type { AccessTokenClaims } from '../jwt/claims.ts';
import type { RevocationStatus } from '../revocation/feed.ts';

/** What the issuer has published, as known at this moment. */
export interface Issuer {
  /** The key with this id. Throws kid_unknown, or keys_unavailable when it cannot be known whether there is one. */
  readonly find: (kid: string) => VerificationKey;
  /** Throws revocations_unavailable when that cannot be known, and the options say that this matters. */
  readonly isRevoked: (claims: AccessTokenClaims) => boolean;
  /** Starts the refreshes that are due. A promise only if what is at hand must not be used before they are done. */
  readonly revalidate: () => Promise<void> | undefined;
  /** Fetches the keys because a kid was unknown; undefined when that is not allowed now. */
  readonly refetch: () => Promise<void> | undefined;
  /** Throws keys_unavailable or revocations_unavailable unless there is something to work with. */
  readonly assertUsable: () => void;
  readonly status: () => IssuerStatus;
}

export interface IssuerStatus {
  readonly keys: KeySetStatus;
  /** Undefined while no revocation feed is followed. */
  readonly revocation: RevocationStatus | undefined;
}
