/** What a test revokes: a session, a token, or all that a subject was issued until `notBeforeSeconds` (default: now). */
export type RevocationRequest =
  | { readonly sid: string }
  | { readonly jti: string }
  | { readonly sub: string; readonly notBeforeSeconds?: number };

export interface FeedDocument {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly etag: string;
}

export interface RevocationLogOptions {
  readonly issuer: string;
  readonly accessTtlSeconds: number;
  readonly clock: () => number;
}

/** How long a document of the feed may be believed. */
const documentSeconds = 60;

/** The issuer's side of the revocation feed (docs/revocation-feed.md), with its place in the list as the cursor. */
export function createRevocationLog({ issuer, accessTtlSeconds, clock }: RevocationLogOptions) {
  const entries: object[] = [];
  const nowSeconds = () => Math.floor(clock() / 1000);

  return {
    revoke(request: RevocationRequest): void {
      const forget = { forget_after: nowSeconds() + accessTtlSeconds + 60 };
      if (!('sub' in request)) entries.push({ ...request, ...forget });
      else entries.push({ sub: request.sub, not_before: request.notBeforeSeconds ?? nowSeconds(), ...forget });
    },
    /** What the feed answers to `?since=`: what came after a cursor it knows, else everything. */
    document(since: string | null): FeedDocument {
      const from = since !== null && /^c\d{1,9}$/.test(since) ? Number(since.slice(1)) : Infinity;
      const known = from <= entries.length;
      const place = { cursor: `c${entries.length}`, complete: !known, ...(known && { since }) };
      const times = { iat: nowSeconds(), exp: nowSeconds() + documentSeconds };
      const payload = { iss: issuer, ...times, ...place, revocations: entries.slice(known ? from : 0) };
      return { payload, etag: `"c${entries.length}"` };
    },
  };
}
