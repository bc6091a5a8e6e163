import type { AccessTokenClaims } from '../jwt/claims.ts';
import { revocable, type Revocation } from './document.ts';

const entriesMax = 50_000;

interface Entry {
  readonly notBefore: number;
  readonly keepUntil: number;
}

/**
 * All revocations that are known. An entry stays for as long as the issuer said when it came, on the one clock that
 * cannot be set (and that at worst stands still): no jump of a clock, here or there, and no document played again
 * revives a token. The one exception is a list that is full: add() says what it leaves out.
 */
export function createRevocationList() {
  const byKind = { sid: new Map<string, Entry>(), jti: new Map<string, Entry>(), sub: new Map<string, Entry>() };
  const size = () => byKind.sid.size + byKind.jti.size + byKind.sub.size;

  function forget(now: number): void {
    for (const entries of Object.values(byKind))
      for (const [id, { keepUntil }] of entries) if (keepUntil < now) entries.delete(id);
  }

  /**
   * How many single tokens had to be left out, since sessions and subjects come first: a list that is full gives up the
   * token that was revoked first for one of those. Throws when there is none left; what else is known stays.
   */
  function add(revocations: readonly Revocation[]): number {
    const now = performance.now();
    let leftOut = 0;
    forget(now);
    for (const { kind, id, notBefore, keepMs } of revocations.toSorted(tokensLast)) {
      const known = byKind[kind].get(id);
      if (!known && size() >= entriesMax) {
        leftOut++;
        if (kind === 'jti') continue;
        giveUpOneToken();
      }
      byKind[kind].set(id, {
        notBefore: Math.max(notBefore, known?.notBefore ?? 0),
        keepUntil: Math.max(now + keepMs, known?.keepUntil ?? 0),
      });
    }
    return leftOut;
  }

  function giveUpOneToken(): void {
    const [oldest] = byKind.jti.keys();
    if (oldest === undefined) throw new Error(`The revocation feed holds more than ${entriesMax} entries`);
    byKind.jti.delete(oldest);
  }

  function isRevoked(claims: AccessTokenClaims): boolean {
    for (const kind of revocable) {
      const entry = byKind[kind].get(claims[kind] ?? '');
      if (entry && claims.iat <= entry.notBefore) return true;
    }
    return false;
  }

  return { size, add, isRevoked };
}

const tokensLast = (a: Revocation, b: Revocation) => Number(a.kind === 'jti') - Number(b.kind === 'jti');
