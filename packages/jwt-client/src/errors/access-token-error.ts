import { type ErrorCode, refusals } from './codes.ts';

const titles = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/** RFC 9457 problem details; the media type is `application/problem+json`. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
}

export interface ErrorDetails {
  /** The name of the claim at fault. */
  readonly claim?: string;
  /** The scopes or roles that the request needs. */
  readonly required?: readonly string[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * Why a token was refused. One subclass and one permanent `code` per reason.
 * Nothing in it holds a part of the token, so it may be logged and shown
 * (a `claims` schema of the application speaks for itself in `cause`).
 */
export abstract class AccessTokenError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status that answers it: 401, 403, or 503 when the fault is not the caller's. */
  readonly status: number;
  readonly claim: string | undefined;
  readonly required: readonly string[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, { claim, required = [], retryAfterSeconds, cause }: ErrorDetails = {}) {
    const { detail, status } = refusals[code];
    super(claim === undefined ? detail : `${detail} (${claim})`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.claim = claim;
    this.required = required;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  override get name(): string {
    return 'AccessTokenError';
  }

  /**
   * The value of the `WWW-Authenticate` header (RFC 6750 section 3), or undefined
   * when a new token would not help (`keys_unavailable`).
   */
  toWwwAuthenticate(realm = 'api'): string | undefined {
    const { status, challenge, detail } = refusals[this.code];
    if (status === 503) return undefined;
    const members: [string, string][] = [['realm', realm]];
    if (challenge) members.push(['error', challenge], ['error_description', detail]);
    if (this.code === 'scope_missing') members.push(['scope', this.required.join(' ')]);
    return `Bearer ${members.map(([name, value]) => `${name}="${quotable(value)}"`).join(', ')}`;
  }

  /** The body of the answer, RFC 9457. */
  toProblem(): Problem {
    const { code, message, status } = this;
    return { type: 'about:blank', title: titles[refusals[code].status], status, detail: message, code };
  }
}

// RFC 6750 section 3: error_description and scope exclude the quote, the backslash and control characters.
const quotable = (text: string) => text.replace(/["\\]/g, "'").replace(/[^ -~]/g, '');
