import type { Core, TokenPair } from '@org/core';
import { Body, Example, Post, Request, Response, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { callerOf } from '../http/exchange.ts';
import type { Problem } from '../http/wire.ts';

export interface Credentials {
  email: string;
  password: string;
}

export interface RefreshTokenHolder {
  refresh_token: string;
}

/** An access token for the header `Authorization`, and a refresh token that gets the next pair. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  token_type: 'Bearer';
  /**
   * Seconds until the access token expires.
   * @isInt
   */
  expires_in: number;
}

const exampleTokens: Tokens = {
  access_token: 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl',
  refresh_token: 'c3VjY2Vzc29yLW9mLXRoZS1vbmUtYmVmb3Jl',
  token_type: 'Bearer',
  expires_in: 900,
};

@Route('api/auth')
@Tags('Sign-in')
export class AuthController {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Begins a session. Every failure gets the same answer, so that nobody learns which addresses exist.
   * @summary Sign in
   */
  @Post('login')
  @SuccessResponse(200, 'The first tokens of the session')
  @Response<Problem>(401, 'The e-mail address or the password is wrong')
  @Example<Tokens>(exampleTokens)
  async login(@Body() body: Credentials): Promise<Tokens> {
    return presentTokens(await this.#core.sessions.login(body));
  }

  /**
   * Trades a refresh token for the next pair. Each is good for one use; using an old one ends the session.
   * @summary Refresh the tokens
   */
  @Post('refresh')
  @SuccessResponse(200, 'The next tokens of the session')
  @Response<Problem>(401, 'The refresh token is not valid any more')
  @Example<Tokens>(exampleTokens)
  async refreshTokens(@Body() body: RefreshTokenHolder): Promise<Tokens> {
    return presentTokens(await this.#core.sessions.refresh({ refreshToken: body.refresh_token }));
  }

  /**
   * Ends the session that the token belongs to; its access tokens stop working at once.
   * @summary Sign out
   */
  @Post('logout')
  @Security('bearer')
  @SuccessResponse(204, 'The session has ended')
  async logout(@Request() request: ExpressRequest): Promise<void> {
    const { sessionId } = callerOf(request);
    if (sessionId !== undefined) await this.#core.sessions.logout({ sessionId });
  }

  /**
   * Ends every session of the caller, on all devices.
   * @summary Sign out everywhere
   */
  @Post('logout-all')
  @Security('bearer')
  @SuccessResponse(204, 'All sessions have ended')
  async logoutAll(@Request() request: ExpressRequest): Promise<void> {
    await this.#core.sessions.logoutAll({ userId: callerOf(request).id });
  }
}

function presentTokens({ accessToken, refreshToken, expiresInSeconds }: TokenPair): Tokens {
  return { access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer', expires_in: expiresInSeconds };
}
