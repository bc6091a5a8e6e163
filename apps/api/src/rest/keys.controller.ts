import type { Core, KeyRotation, KeyView } from '@org/core';
import { Body, Example, Get, Post, Request, Response, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { command } from '../http/command.ts';
import type { Problem, Time } from '../http/wire.ts';

/** A signing key, without its private part. */
export interface SigningKey {
  kid: string;
  algorithm: 'RS256' | 'ES256' | 'PS256';
  /** `next` is published and does not sign yet; `active` signs; `retiring` signed what has not expired; `gone` is history. */
  state: 'next' | 'active' | 'retiring' | 'gone';
  created_at: Time;
  /** From when on it signs. */
  active_from: Time;
  /** From when on it signs no more. */
  retiring_from: Time | null;
  /** From when on nothing that it signed is accepted. */
  gone_from: Time | null;
}

export interface SigningKeyList {
  data: SigningKey[];
}

/** How to rotate. Without anything: the next key is made, waits, and takes over unnoticed. */
export interface RotationOrder {
  /** A private key is known to somebody else: it is withdrawn now, and every token that it signed is refused. */
  emergency?: boolean;
  /**
   * Which key to withdraw in an emergency; the active one unless told.
   * @maxLength 128
   */
  kid?: string;
}

/** What a rotation began. */
export interface Rotation {
  /** The key that signs from `active_from` on. */
  key: SigningKey;
  withdrawn: SigningKey | null;
  /** What happens to whom and when. */
  effect: string;
}

const exampleKey: SigningKey = {
  kid: 'n3XkqGZ1mC8c0y5jJxg0m1bV7yq4mE2H6c3pJ9d8sTQ',
  algorithm: 'RS256',
  state: 'next',
  created_at: '2026-01-15T12:00:00.000Z',
  active_from: '2026-01-15T12:10:00.000Z',
  retiring_from: null,
  gone_from: null,
};

@Route('api/keys')
@Tags('Keys')
export class KeysController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * The published keys and the last 20 that are gone, newest first, with when each does what.
   * @summary List signing keys
   */
  @Get()
  @Security('bearer', ['keys:read'])
  @SuccessResponse(200, 'The keys')
  @Example<SigningKeyList>({ data: [exampleKey] })
  async listKeys(): Promise<SigningKeyList> {
    return { data: (await this.#core.keys.list()).map(presentKey) };
  }

  /**
   * Begins the change to a new signing key. It is published for ten minutes, so that every verifier has it, and then
   * signs; no token is refused. While one waits, asking again gives the same one. With `emergency` a compromised key is
   * withdrawn at once: read `effect`, it says what that costs.
   * @summary Rotate the signing key
   */
  @Post('rotate')
  @Security('bearer', ['keys:write'])
  @SuccessResponse(200, 'What was begun')
  @Response<Problem>(404, 'The key named is not published')
  @Example<Rotation>({
    key: exampleKey,
    withdrawn: null,
    effect: 'Key n3Xk… is published and signs from 2026-01-15T12:10:00.000Z on. Tokens signed before that stay good.',
  })
  async rotateKeys(@Request() request: ExpressRequest, @Body() body?: RotationOrder): Promise<Rotation> {
    return command(request, { status: 200, present: presentRotation }, (core) => core.keys.rotate(body));
  }
}

function presentKey(key: KeyView): SigningKey {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: key.state,
    created_at: key.createdAt.toISOString(),
    active_from: key.activeFrom.toISOString(),
    retiring_from: key.retiringFrom?.toISOString() ?? null,
    gone_from: key.goneFrom?.toISOString() ?? null,
  };
}

function presentRotation({ key, withdrawn, effect }: KeyRotation): Rotation {
  return { key: presentKey(key), withdrawn: withdrawn && presentKey(withdrawn), effect };
}
