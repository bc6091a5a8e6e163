import { createHash, timingSafeEqual } from 'node:crypto';
import type { Core, Secret } from '@org/core';
import { createVerifier, ScopeMissing, TokenMalformed, TokenMissing, type Auth, type Verifier } from '@org/jwt-client';
import type { Request } from 'express';

import { callerOf, type Caller, type Door } from './exchange.ts';
import { Refusal, routeMissing } from './refusals.ts';

/**
 * Called by the generated routes for every operation with a `@Security`, with the permissions that it names.
 * @public
 */
export async function expressAuthentication(
  request: Request,
  scheme: string,
  permissions: string[] = [],
): Promise<unknown> {
  const { exchange } = request;
  const { core, config, verifier } = exchange.door;
  if (scheme === 'statusToken') return requireStatusToken(request.get('X-Status-Token'), config.statusToken);
  const auth = verifier().verifySync(bearerToken(request.headers.authorization));
  exchange.caller = callerFrom(auth);
  refuseRevoked(core, auth);
  for (const permission of permissions) requirePermission(request, permission);
  return exchange.caller;
}

/** RFC 6750, section 2.1. Tokens in the query or the body are never read: addresses end up in logs and histories. */
function bearerToken(authorization: string | undefined): string {
  const [scheme = '', token = '', ...rest] = authorization?.split(' ', 3) ?? [];
  if (scheme.toLowerCase() !== 'bearer') throw new TokenMissing();
  if (token === '' || rest.length > 0) throw new TokenMalformed();
  return token;
}

function callerFrom(auth: Auth): Caller {
  const { kind, subject, clientId, sessionId } = auth;
  return {
    id: subject,
    actor: `${kind}:${subject}`,
    clientId,
    sessionId,
    can: (permission) => auth.scopes.includes(permission),
  };
}

/** For what an operation needs only in some cases. @throws ScopeMissing */
export function requirePermission(request: Request, permission: string): void {
  if (!callerOf(request).can(permission)) throw new ScopeMissing({ required: [permission] });
}

/** What a token says, if it would be accepted here at this moment. */
export async function activeToken({ core, verifier }: Door, token: string): Promise<Auth | undefined> {
  const outcome = await verifier().safeVerify(token);
  return outcome.ok && !isRevoked(core, outcome.auth) ? outcome.auth : undefined;
}

function isRevoked({ sessions }: Core, { subject, sessionId, tokenId, claims }: Auth): boolean {
  return sessions.isRevoked({ subject, sessionId, tokenId, issuedAt: claims.iat });
}

function refuseRevoked(core: Core, auth: Auth): void {
  if (!isRevoked(core, auth)) return;
  throw new Refusal(
    'auth.token_revoked',
    'The access token was revoked: by itself, or as its session ended or its user was changed. Sign in again.',
    {
      'WWW-Authenticate': 'Bearer realm="api", error="invalid_token", error_description="The access token was revoked"',
    },
  );
}

/** Compares digests: they are of one length, and how long it takes says nothing about the token. */
function requireStatusToken(given: string | undefined, expected: Secret | undefined): void {
  if (expected === undefined) throw routeMissing();
  if (given !== undefined && timingSafeEqual(sha256(given), sha256(expected.reveal()))) return;
  throw new Refusal('auth.status_token_invalid', 'Send the value of SERVICE_API_TOKEN in the header X-Status-Token.', {
    'WWW-Authenticate': 'StatusToken realm="status"',
  });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A verifier of the core's own tokens. It is made again when the published keys change, and only then. */
export function ownVerifier(core: Core): () => Verifier {
  const { issuer, audience } = core.settings;
  let keys = core.keys.jwks();
  const make = (): Verifier => createVerifier({ issuer, audience, jwks: { keys }, clock: () => core.now().getTime() });
  let verifier = make();
  return () => {
    if (core.keys.jwks() === keys) return verifier;
    keys = core.keys.jwks();
    verifier = make();
    return verifier;
  };
}
