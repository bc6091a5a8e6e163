import { recordAct } from '../audit/index.ts';
import { plusSeconds } from '../kernel/clock.ts';
import type { FieldProblem } from '../kernel/errors.ts';
import { checkText, requireValid } from '../kernel/fields.ts';
import { transact } from '../kernel/transaction.ts';
import type { Scope } from '../scope.ts';
import { revokeTokenId } from './revoke.ts';

/** The longest that an access token can be made to live. */
const LIFETIME_SECONDS_MAX = 86_400;
const TOKEN_ID_LENGTH_MAX = 128;

export interface TokenRevocation {
  /** The token's `jti`. */
  tokenId: string;
  /** The token's `exp`; by default a token issued now is thought of. */
  expiresAt?: Date | undefined;
}

/**
 * Makes one access token worthless; its session goes on. Whether there ever was such a token is not known here: tokens
 * are not stored. Revoking one twice changes nothing for whoever checks it.
 *
 * @throws InvalidInput also when the token would live for more than a day from now
 */
export async function revokeToken(scope: Scope, { tokenId, expiresAt }: TokenRevocation): Promise<void> {
  requireValid(checkText('tokenId', tokenId, { min: 1, max: TOKEN_ID_LENGTH_MAX }), checkExpiry(scope, expiresAt));
  await transact(scope, async (tx) => {
    await revokeTokenId(scope, tx, tokenId, expiresAt);
    await recordAct(scope, tx, { action: 'token.revoked', target: `token:${tokenId}` });
  });
}

/** What is remembered until then costs every verifier memory. */
function checkExpiry({ now }: Scope, expiresAt: Date | undefined): FieldProblem | undefined {
  if (expiresAt === undefined || expiresAt <= plusSeconds(now(), LIFETIME_SECONDS_MAX)) return undefined;
  return { field: 'expiresAt', code: 'too_late', message: 'must be at most a day ahead, as no token lives longer' };
}
