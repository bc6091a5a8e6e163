import { recordAct } from '../audit/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { checkId, requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { revokeTokenId } from './revoke.ts';

/** The longest that an access token can be made to live. */
const LIFETIME_SECONDS_MAX = 86_400;

export interface TokenRevocation {
  /** The token's `jti`: a UUID, as in every token of ours. */
  tokenId: string;
  /** The token's `exp`; by default a token issued now is thought of. */
  expiresAt?: Date | undefined;
}

/**
 * Makes one access token worthless; its session goes on. Whether there ever was such a token is not known here: tokens
 * are not stored. Revoking one twice changes nothing for whoever checks it.
 *
 * @throws InvalidInput also for an `exp` that has passed or is more than a day ahead
 */
export async function revokeToken(scope: Scope, { tokenId, expiresAt }: TokenRevocation): Promise<void> {
  requireValid(checkId('tokenId', tokenId), checkExpiry(scope, expiresAt));
  await transact(scope, async (tx) => {
    await revokeTokenId(scope, tx, tokenId, expiresAt);
    await recordAct(scope, tx, { action: 'token.revoked', target: `token:${tokenId}` });
  });
}

/** What is remembered until then costs every verifier memory. */
function checkExpiry({ now }: Scope, expiresAt: Date | undefined): FieldProblem | undefined {
  if (expiresAt === undefined) return undefined;
  const isPossible = expiresAt > now() && expiresAt <= plusSeconds(now(), LIFETIME_SECONDS_MAX);
  const message =
    'must be to come and at most a day ahead: no token lives longer, and one that has expired needs nothing';
  return isPossible ? undefined : { field: 'expiresAt', code: 'out_of_range', message };
}
