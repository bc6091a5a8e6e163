/** How long anybody may keep a copy of the published keys. */
export const JWKS_MAX_AGE_SECONDS = 300;

/** A key is published this long before it signs: by then every copy without it has expired, also one served while stale. */
export const PUBLISHED_AHEAD_SECONDS = 2 * JWKS_MAX_AGE_SECONDS;

/** How much later than its `exp` a token may still be presented, and how far the clocks of our processes may differ. */
export const CLOCK_TOLERANCE_SECONDS = 60;
