import type { Core } from '@org/core';
import type { Verifier } from '@org/jwt-client';
import type { Request } from 'express';
import type { Logger } from 'pino';

import type { Config } from '../config.ts';

/** What every request may use: made once by `createApp`. */
export interface Door {
  readonly core: Core;
  readonly config: Config;
  readonly log: Logger;
  /** The verifier of our own tokens, with the keys of this moment. */
  readonly verifier: () => Verifier;
  /** Keyed requests that are being carried out by this process. */
  readonly inFlight: Set<string>;
  readonly lifecycle: Lifecycle;
}

/** `draining`: send requests elsewhere, those that come are answered. `closing`: each answer is the last on its connection. */
export interface Lifecycle {
  phase: 'serving' | 'draining' | 'closing';
}

/** Who sent the request. */
export interface Caller {
  readonly id: string;
  /** `user:<id>` or `service:<client id>`, as it stands in the audit. */
  readonly actor: string;
  readonly clientId: string;
  readonly sessionId: string | undefined;
  /** Whether the token grants a permission. */
  readonly can: (permission: string) => boolean;
}

/** One request on its way through the door. */
interface Exchange {
  readonly door: Door;
  readonly correlationId: string;
  readonly traceId: string | undefined;
  readonly startedMs: number;
  caller: Caller | undefined;
}

declare global {
  // Express offers no other way to say what a request carries.
  // oxlint-disable-next-line typescript/no-namespace
  namespace Express {
    interface Request {
      exchange: Exchange;
    }
  }
}

/** The core, acting for whoever sent the request, and knowing whatever more is said about it. */
export function coreFor(request: Request, more: Parameters<Core['as']>[0] = {}): Core {
  const { door, caller, correlationId } = request.exchange;
  return door.core.as({
    ...more,
    ...(caller && { actor: caller.actor, clientId: caller.clientId, sessionId: caller.sessionId }),
    address: request.ip,
    device: request.headers['user-agent']?.slice(0, 200),
    correlationId,
  });
}

/** The caller of an operation that has a `@Security`. */
export function callerOf(request: Request): Caller {
  const { caller } = request.exchange;
  if (caller === undefined) throw new Error('this operation is open: it has no caller');
  return caller;
}
