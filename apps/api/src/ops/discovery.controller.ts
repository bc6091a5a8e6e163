import { JWKS_MAX_AGE_SECONDS, type PublicJwk } from '@org/core';
import { Example, Get, Produces, Query, Request, Response, Route, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { cacheable, sendCacheable, type Cacheable } from '../http/cacheable.ts';
import type { Problem } from '../http/wire.ts';

/** A public key, RFC 7517. */
export interface PublicKey {
  kty: string;
  kid: string;
  alg: string;
  use: string;
  n?: string;
  e?: string;
  crv?: string;
  x?: string;
  y?: string;
}

export interface KeySet {
  keys: PublicKey[];
}

/** As much of OpenID Connect Discovery as is true here: there is no authorization endpoint. */
export interface Discovery {
  issuer: string;
  jwks_uri: string;
  /** Where verifiers learn which tokens were revoked before they expire. Not part of a standard. */
  revocations_uri: string;
  id_token_signing_alg_values_supported: string[];
  response_types_supported: string[];
  subject_types_supported: string[];
}

/** A key is published for as long as both together before it signs. */
const CACHE_CONTROL = `public, max-age=${JWKS_MAX_AGE_SECONDS}, stale-while-revalidate=${JWKS_MAX_AGE_SECONDS}`;

@Route('.well-known')
@Tags('Discovery')
export class DiscoveryController {
  /**
   * The public keys that verify our access tokens (RFC 7517), from memory: answered also while the database is away.
   * @summary Read the signing keys
   */
  @Get('jwks.json')
  @SuccessResponse(200, 'The key set')
  @Example<KeySet>({ keys: [{ kty: 'RSA', kid: 'n3Xk…', alg: 'RS256', use: 'sig', n: '0vx7…', e: 'AQAB' }] })
  async getKeys(@Request() request: ExpressRequest): Promise<KeySet> {
    const keys = request.exchange.door.core.keys.jwks();
    sendCacheable(request, textOf(keys), CACHE_CONTROL);
    return keys as KeySet;
  }

  /**
   * Where services find the keys (OpenID Connect Discovery 1.0, section 4).
   * @summary Read the issuer's metadata
   */
  @Get('openid-configuration')
  @SuccessResponse(200, 'The metadata')
  @Example<Discovery>({
    issuer: 'https://sso.example.org',
    jwks_uri: 'https://sso.example.org/.well-known/jwks.json',
    revocations_uri: 'https://sso.example.org/.well-known/revocations',
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: [],
    subject_types_supported: ['public'],
  })
  async getDiscovery(@Request() request: ExpressRequest): Promise<Discovery> {
    const { settings, keys } = request.exchange.door.core;
    const { issuer } = settings;
    const discovery = {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      revocations_uri: `${issuer}/.well-known/revocations`,
      id_token_signing_alg_values_supported: [...new Set(keys.jwks().keys.map(({ alg }) => alg))],
      response_types_supported: [],
      subject_types_supported: ['public'],
    };
    sendCacheable(request, cacheable(JSON.stringify(discovery)), CACHE_CONTROL);
    return discovery;
  }

  /**
   * Which sessions and users had their access tokens revoked before they expired: a JWS (`typ: revocations+jwt`) signed
   * with a key of the key set, from memory. With the `cursor` of the last document as `since` only what came after it;
   * without, or with a cursor that is not known, everything in force. `@org/jwt-client` follows it by itself.
   * @summary Read what was revoked
   * @param since The `cursor` of the last document, as it stood there.
   */
  @Get('revocations')
  @Produces('application/jwt')
  @SuccessResponse(200, 'The signed document')
  @Response<Problem>(503, 'Not known at the moment: the database is away')
  @Example<string>(
    'eyJhbGciOiJSUzI1NiIsInR5cCI6InJldm9jYXRpb25zK2p3dCIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl',
  )
  async getRevocations(@Request() request: ExpressRequest, @Query() since?: string): Promise<string> {
    const { etag, maxAgeSeconds, document } = await request.exchange.door.core.sessions.revocationFeed({ since });
    const feed = { etag, contentType: 'application/jwt', body: document };
    // Private: a shared cache that revalidates would hand out a document whose minute is over.
    sendCacheable(request, feed, `private, max-age=${maxAgeSeconds}`);
    return etag;
  }
}

const texts = new WeakMap<object, Cacheable>();

/** The core hands out the same object until a key is added or withdrawn. */
function textOf(keys: { keys: PublicJwk[] }): Cacheable {
  const known = texts.get(keys);
  if (known !== undefined) return known;
  const text = cacheable(JSON.stringify(keys));
  texts.set(keys, text);
  return text;
}
