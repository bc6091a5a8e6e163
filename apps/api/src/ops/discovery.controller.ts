import type { PublicJwk } from '@org/core';
import { Example, Get, Request, Route, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { cacheable, sendCacheable, type CacheableText } from '../http/cacheable.ts';

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
  id_token_signing_alg_values_supported: string[];
  response_types_supported: string[];
  subject_types_supported: string[];
}

const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=600';

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
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: [],
    subject_types_supported: ['public'],
  })
  async getDiscovery(@Request() request: ExpressRequest): Promise<Discovery> {
    const { issuer, signingAlgorithm } = request.exchange.door.core.settings;
    const discovery = {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: [signingAlgorithm],
      response_types_supported: [],
      subject_types_supported: ['public'],
    };
    sendCacheable(request, cacheable(JSON.stringify(discovery)), CACHE_CONTROL);
    return discovery;
  }
}

const texts = new WeakMap<object, CacheableText>();

/** The core hands out the same object until a key is added or withdrawn. */
function textOf(keys: { keys: PublicJwk[] }): CacheableText {
  const known = texts.get(keys);
  if (known !== undefined) return known;
  const text = cacheable(JSON.stringify(keys));
  texts.set(keys, text);
  return text;
}
