import { AccessTokenError } from '../errors/index.ts';
import type { Eventually } from '../eventually.ts';
import { type Download, download } from '../http/download.ts';
import { freshSeconds } from '../http/freshness.ts';
import { createRefresh, type FetchFailure, type RefreshStatus } from '../http/refresh.ts';
import { secureUrl } from '../http/secure-url.ts';
import { wellKnown } from '../http/well-known.ts';
import type { JsonObject } from '../jws/json.ts';
import type { AccessTokenClaims } from '../jwt/claims.ts';
import type { Settings } from '../options.ts';
import { parseDocument } from './document.ts';
import { createRevocationList } from './list.ts';

const bodyBytesMax = 8 * 1024 * 1024;
const freshness = { min: 1, max: 60, usual: 5 };
/** Polls without a token in between, after which polling ends until the next token. */
const idlePollsMax = 12;

/** Told about each document of the revocation feed, and each failure to get one. */
export type RevocationEvent =
  | {
      readonly type: 'loaded';
      readonly received: number;
      readonly entries: number;
      /** Single tokens (`jti`) for which there was no room: they are not refused. */
      readonly leftOut: number;
      readonly complete: boolean;
    }
  | FetchFailure;

export interface RevocationStatus extends RefreshStatus {
  /** Revocations held in memory. */
  readonly entries: number;
  /** Single tokens (`jti`) for which there was no room since the last complete document: they are not refused. */
  readonly leftOut: number;
  /** Since the feed last answered; undefined before its first answer. */
  readonly ageSeconds: number | undefined;
}

export interface FeedOptions {
  readonly settings: Settings;
  readonly closing: AbortSignal;
  /** The payload of a feed signed by the issuer. */
  readonly read: (text: string) => Eventually<JsonObject>;
  readonly onEvent: (event: RevocationEvent) => void;
}

/**
 * Follows the signed revocation feed of the issuer (docs/revocation-feed.md): held in memory, no request per token.
 * Polled every few seconds while tokens are checked, and for a minute after the last of them.
 */
export function createRevocationFeed({ settings, closing, read, onEvent }: FeedOptions) {
  const { revocation, mustBeFresh, timeoutMs, clock } = settings;
  const { fetch } = settings.jwks;
  const staleMs = mustBeFresh ? settings.staleSeconds * 1000 : Infinity;
  const refresh = createRefresh({ load, graceMs: 5000, staleMs, clock, closing, onFailure: onEvent });
  const list = createRevocationList();
  let uri = revocation && (revocation.uri ?? wellKnown(settings.issuer, 'revocations'));
  let cursor: string | undefined;
  let etag: string | undefined;
  let etagUntilSeconds = 0;
  let leftOut = 0;
  let pollMs = 1000 * freshness.usual;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let idlePolls = 0;
  closing.addEventListener('abort', () => clearTimeout(timer));

  async function load(signal: AbortSignal): Promise<number> {
    const url = new URL(uri || '');
    if (cursor) url.searchParams.set('since', cursor);
    const headers: Record<string, string> = { accept: 'application/jwt' };
    // "Not modified" is not signed: it may not stretch a document beyond the time that was.
    if (etag && clock() < etagUntilSeconds * 1000) headers['if-none-match'] = etag;
    const answer = await download(url.href, { fetch, timeoutMs, bodyBytesMax, signal, headers });
    if (answer.status === 200) await accept(answer);
    pollMs = 1000 * freshSeconds(answer.headers, freshness);
    return pollMs;
  }

  async function accept({ text, headers }: Download): Promise<void> {
    const since = cursor;
    // Until this document is understood, the next question is for everything.
    cursor = etag = undefined;
    const document = parseDocument(await read(text), { settings, since });
    const left = list.add(document.revocations);
    leftOut = document.complete ? left : leftOut + left;
    cursor = document.cursor;
    etag = headers.get('etag') ?? undefined;
    etagUntilSeconds = document.expiresAt;
    onEvent({
      type: 'loaded',
      received: document.revocations.length,
      entries: list.size(),
      leftOut: left,
      complete: document.complete,
    });
  }

  function poll(): void {
    timer = undefined;
    if (++idlePolls > idlePollsMax) return;
    void refresh.revalidate();
    schedulePoll();
  }

  function schedulePoll(): void {
    timer ??= setTimeout(poll, pollMs);
    // On Node a timer would keep the process alive; on the Web it is a number.
    (timer as { unref?: () => void }).unref?.();
  }

  /** The issuer's discovery document: where it names a feed, and the options do not decide otherwise, it is followed. */
  function discovered({ revocations_uri: announced }: JsonObject): void {
    if (revocation === undefined && announced !== undefined) uri = secureUrl(announced, 'revocations_uri');
  }

  /** Starts a refresh when one is due. A promise only if the revocations at hand must not be used before it is done. */
  function revalidate(): Promise<void> | undefined {
    if (!uri) return undefined;
    idlePolls = 0;
    if (!timer && !closing.aborted) schedulePoll();
    const pending = refresh.revalidate();
    return mustBeFresh || !refresh.isFailing() ? pending : undefined;
  }

  /** Throws revocations_unavailable when the feed is too old, and the options say that this matters. */
  function assertUsable(): void {
    if (mustBeFresh && !refresh.isUsable())
      throw new AccessTokenError('revocations_unavailable', refresh.retryDetails());
  }

  /** Undefined when no feed is followed. */
  function status(): RevocationStatus | undefined {
    if (!uri) return undefined;
    const known = refresh.status();
    const ageSeconds = known.fetchedAt && (clock() - known.fetchedAt.getTime()) / 1000;
    return { ...known, entries: list.size(), leftOut, ageSeconds };
  }

  function isRevoked(claims: AccessTokenClaims): boolean {
    assertUsable();
    return list.isRevoked(claims);
  }

  return { discovered, revalidate, assertUsable, isRevoked, status };
}
