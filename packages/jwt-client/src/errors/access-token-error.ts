import { type ErrorCode, forbidden, reasons, unavailable } from './codes.ts';

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
  /** Seconds after which trying again makes sense; 1 by default where it does (503). */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * Why a token was refused: one permanent `code` per reason.
 * Nothing in it holds a part of the token, so it may be logged and shown
 * (a `claims` schema of the application speaks for itself in `cause`).
 */
export class AccessTokenError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status that answers it: 401, 403, or 503 when the fault is not the caller's. */
  readonly status: 401 | 403 | 503;
  readonly claim: string | undefined;
  readonly required: readonly string[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, { claim, required = [], retryAfterSeconds, cause }: ErrorDetails = {}) {
    super(`The access token ${reasons[code]}${claim ? ` (${claim})` : ''}.`, cause === undefined ? cause : { cause });
    this.code = code;
    this.status = code in forbidden ? 403 : code in unavailable ? 503 : 401;
    this.claim = claim;
    this.required = required;
    this.retryAfterSeconds = retryAfterSeconds ?? (this.status === 503 ? 1 : undefined);
  }

  override get name(): string {
    return 'AccessTokenError';
  }

  /**
   * The value of the `WWW-Authenticate` header (RFC 6750 section 3), or undefined
   * when a new token would not help (503).
   */
  toWwwAuthenticate(realm = 'api'): string | undefined {
    const { code, status, message, required } = this;
    if (status === 503) return undefined;
    let challenge = `Bearer realm="${quotable(realm)}"`;
    // RFC 6750 section 3.1: without credentials the challenge carries no error code.
    if (code === 'token_missing') return challenge;
    const error = status === 403 ? 'insufficient_scope' : 'invalid_token';
    challenge += `, error="${error}", error_description="${quotable(message)}"`;
    if (code === 'scope_missing') challenge += `, scope="${quotable(required.join(' '))}"`;
    return challenge;
  }

  /** The body of the answer, RFC 9457. */
  toProblem(): Problem {
    const { code, status, message } = this;
    return { type: 'about:blank', title: titles[status], status, detail: message, code };
  }
}

/** The closed union of all refusals: `switch (error.code)` is checked for completeness. */
export type VerificationError = { [Code in ErrorCode]: AccessTokenError & { readonly code: Code } }[ErrorCode];

// RFC 6750 section 3: error_description and scope exclude the quote, the backslash and control characters.
const quotable = (text: string) => text.replace(/["\\]/g, "'").replace(/[^ -~]/g, '');
