import { createHash } from 'node:crypto';

import type { Scope } from '../scope.ts';
import { signJws } from '../tokens/index.ts';
import type { Knowledge } from './revocations.ts';
import type { Issuer } from './tokens.ts';

/** How often verifiers ask: a token is refused everywhere this long after its revocation, plus one request. */
const FEED_MAX_AGE_SECONDS = 3;
/** How long a document may be played again, and for how long "unchanged" is believed after it. */
const DOCUMENT_SECONDS = 60;
/** A document is signed once and handed out until then. */
const REUSED_MS = 20_000;
const DOCUMENTS_MAX = 64;
/** What verifiers hold at most: beyond it they would refuse the document. */
const ENTRIES_MAX = 50_000;
/** The list is read again twice a second; older than this it may lack what other processes revoked. */
const LIST_AGE_MS_MAX = 10_000;

/** The feed as of now. */
export interface RevocationFeed {
  /** Strong, the same for every `since`, and the same in every process that knows the same. */
  readonly etag: string;
  /** How long an answer may be reused. */
  readonly maxAgeSeconds: number;
  /** The signed document: a JWS in compact form of type `revocations+jwt`. @throws NoSigningKey */
  readonly document: () => string;
}

/** Answers what was revoked since a cursor; without one, or with one that is not known here, everything in force. */
export type FeedReader = (input: { since?: string | undefined }) => Promise<RevocationFeed>;

/**
 * The public feed of revocations (packages/jwt-client/docs/revocation-feed.md), from memory.
 *
 * @throws DatabaseUnavailable when what is known may be outdated
 */
export function createFeedReader(
  scope: Scope,
  { keys, revocations }: Issuer,
  refresh: () => Promise<void>,
): FeedReader {
  let edition: Edition | undefined;
  return async ({ since }) => {
    if (revocations.ageMs() > LIST_AGE_MS_MAX) await refresh();
    const knowledge = revocations.known();
    if (edition?.knowledge !== knowledge || scope.elapsedMs() > edition.untilMs) edition = editionOf(scope, knowledge);
    const { etag, documents } = edition;
    return {
      etag,
      maxAgeSeconds: FEED_MAX_AGE_SECONDS,
      document() {
        const from = cursorAmong(knowledge, since);
        const signed = documents.get(from) ?? signJws(keys, 'revocations+jwt', claimsOf(scope, knowledge, from));
        if (documents.size >= DOCUMENTS_MAX) documents.clear();
        documents.set(from, signed);
        return signed;
      },
    };
  };
}

/** What was signed while nothing new was known: by cursor, `undefined` for the complete set. */
interface Edition {
  readonly knowledge: Knowledge;
  readonly etag: string;
  readonly untilMs: number;
  readonly documents: Map<number | undefined, string>;
}

function editionOf(scope: Scope, knowledge: Knowledge): Edition {
  return { knowledge, etag: etagOf(knowledge), untilMs: scope.elapsedMs() + REUSED_MS, documents: new Map() };
}

/**
 * A cursor is the settled position of whoever gave it: that process knew everything below it. It is known here when we
 * are as far; one that is ahead of us, forgotten or invented gets the complete set, which is never wrong.
 */
function cursorAmong({ settled, revocations }: Knowledge, since: string | undefined): number | undefined {
  if (since === undefined || !/^\d{1,16}$/.test(since)) return undefined;
  const cursor = Number(since);
  const isKnown = cursor === settled || revocations.some(({ position }) => position + 1 === cursor);
  return isKnown && cursor <= settled && String(cursor) === since ? cursor : undefined;
}

/** Besides the cursor, the few that are known already although older ones may still be in flight. */
function etagOf({ settled, revocations }: Knowledge): string {
  const ahead = revocations
    .filter(({ position }) => position >= settled)
    .map(({ kind, value, position }) => `${kind}:${value}:${position}`);
  const digest = createHash('sha256').update(ahead.toSorted().join()).digest('base64url');
  return ahead.length === 0 ? `"${settled}"` : `"${settled}-${digest}"`;
}

function claimsOf(scope: Scope, { settled, revocations }: Knowledge, from: number | undefined): object {
  const nowMs = scope.now().getTime();
  const iat = Math.floor(nowMs / 1000);
  const wanted = revocations.filter(({ position }) => from === undefined || position >= from);
  return {
    iss: scope.settings.issuer,
    iat,
    exp: iat + DOCUMENT_SECONDS,
    cursor: String(settled),
    complete: from === undefined,
    ...(from !== undefined && { since: String(from) }),
    revocations: keptOf(wanted).map((entry) =>
      entryOf(entry, Math.ceil((nowMs + entry.untilMs - scope.elapsedMs()) / 1000)),
    ),
  };
}

/** Of more than verifiers can hold, single tokens are left out before sessions and users, and what expires first before the rest. */
export function keptOf<Entry extends Pick<Revocation, 'kind' | 'untilMs'>>(wanted: readonly Entry[]): readonly Entry[] {
  if (wanted.length <= ENTRIES_MAX) return wanted;
  const order = wanted.toSorted(
    (one, other) => Number(one.kind === 'jti') - Number(other.kind === 'jti') || other.untilMs - one.untilMs,
  );
  return order.slice(0, ENTRIES_MAX);
}

type Revocation = Knowledge['revocations'][number];

function entryOf({ kind, value, notBeforeMs }: Revocation, forgetAfter: number): object {
  return {
    [kind]: value,
    ...(notBeforeMs !== undefined && { not_before: Math.floor(notBeforeMs / 1000) }),
    forget_after: forgetAfter,
  };
}
