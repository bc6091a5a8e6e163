import { InvalidInput, type Core, type TokenPair, type TokenRevocation } from '@org/core';
import type { Auth } from '@org/jwt-client';
import { Body, Example, Post, Request, Response, Route, Security, SuccessResponse, Tags } from '@tsoa/runtime';
import type { Request as ExpressRequest } from 'express';

import { activeToken } from '../http/authentication.ts';
import { command } from '../http/command.ts';
import { callerOf } from '../http/exchange.ts';
import type { Problem, Time } from '../http/wire.ts';
import { parseTime } from './times.ts';

export interface Credentials {
  email: string;
  password: string;
}

export interface RefreshTokenHolder {
  refresh_token: string;
}

export interface PasswordChange {
  /** @maxLength 512 */
  current_password: string;
  /** 8 to 128 characters, unless configured otherwise. */
  new_password: string;
}

export interface AccessTokenHolder {
  token: string;
}

/** Which access token: itself, or its id when only that is known. One of the two. */
export interface AccessTokenName {
  token?: string;
  /**
   * Its `jti`, as logs and `validate-token` show it.
   * @minLength 1
   * @maxLength 128
   */
  token_id?: string;
  /** Its `exp`, at most a day ahead. Left out: that of a token issued now. Only beside `token_id`. */
  expires_at?: Time;
}

/** RFC 7662, section 2.2. Of a token that is not active nothing is told but that. */
export interface TokenState {
  active: boolean;
  token_type?: 'Bearer';
  iss?: string;
  /** The services that it is meant for. */
  aud?: string | string[];
  sub?: string;
  client_id?: string;
  /** @isInt */
  iat?: number;
  /** @isInt */
  exp?: number;
  jti?: string;
  sid?: string;
  /** Permissions, separated by spaces. */
  scope?: string;
  roles?: string[];
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

  /**
   * Gives the caller another password. This session goes on; all others end at once.
   * @summary Change my password
   */
  @Post('change-password')
  @Security('bearer')
  @SuccessResponse(204, 'The password is changed')
  @Response<Problem>(404, 'The token belongs to a service, not to a user')
  @Response<Problem>(409, 'The user is not active')
  async changePassword(@Request() request: ExpressRequest, @Body() body: PasswordChange): Promise<void> {
    const { id: userId, sessionId } = callerOf(request);
    const { current_password: currentPassword, new_password: newPassword } = body;
    await this.#core.users.changePassword({ userId, sessionId, currentPassword, newPassword });
  }

  /**
   * Whether an access token is good at this moment, and what it says (RFC 7662). For services that cannot verify by
   * themselves; those on Node use `@org/jwt-client` and ask nobody.
   * @summary Validate an access token
   */
  @Post('validate-token')
  @Security('bearer', ['tokens:validate'])
  @SuccessResponse(200, 'The state of the token')
  @Example<TokenState>({
    active: true,
    token_type: 'Bearer',
    iss: 'https://sso.example.org',
    aud: 'users-service',
    sub: '0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11',
    client_id: 'users-service',
    iat: 1768478400,
    exp: 1768479300,
    jti: '0198c9a2-7a10-7b20-9c30-4d5e6f708192',
    sid: '0198c9a2-7a10-7b20-9c30-000000000001',
    scope: 'users:read',
    roles: ['staff'],
  })
  async validateToken(@Request() request: ExpressRequest, @Body() body: AccessTokenHolder): Promise<TokenState> {
    return presentState(await activeToken(request.exchange.door, body.token));
  }

  /**
   * Makes one access token worthless before it expires; its session goes on. Every service that follows the feed of
   * revocations refuses it within seconds. A token that is not active any more is answered alike (RFC 7009, section 2.2).
   * @summary Revoke an access token
   */
  @Post('revoke-token')
  @Security('bearer', ['tokens:revoke'])
  @SuccessResponse(204, 'The token is refused from now on')
  async revokeToken(@Request() request: ExpressRequest, @Body() body: AccessTokenName): Promise<void> {
    const revocation = await revocationOf(request, body);
    return command(request, { status: 204 }, async (core) => {
      if (revocation) await core.sessions.revokeToken(revocation);
    });
  }
}

/** A token that is not active needs no revocation. @throws InvalidInput unless exactly one way was chosen */
async function revocationOf(request: ExpressRequest, name: AccessTokenName): Promise<TokenRevocation | undefined> {
  const { token, token_id: tokenId, expires_at: expiresAt } = name;
  if (tokenId !== undefined && token === undefined) return { tokenId, expiresAt: parseTime('expires_at', expiresAt) };
  if (token === undefined || tokenId !== undefined || expiresAt !== undefined)
    throw new InvalidInput([
      { field: 'token', code: 'one_of', message: 'is given alone, or token_id (and expires_at) in its place' },
    ]);
  const auth = await activeToken(request.exchange.door, token);
  return auth && { tokenId: auth.tokenId, expiresAt: auth.expiresAt };
}

/** Claim by claim: what else a token may say one day is not told to whoever asks. */
function presentState(auth: Auth | undefined): TokenState {
  if (auth === undefined) return { active: false };
  const { iss, aud, sub, client_id, iat, exp, jti, sid } = auth.claims;
  const { scopes, roles } = auth;
  const told = { iss, aud: aud as string | string[], sub, client_id, iat, exp, jti };
  return {
    active: true,
    token_type: 'Bearer',
    ...told,
    ...(sid !== undefined && { sid }),
    scope: scopes.join(' '),
    roles: [...roles],
  };
}

function presentTokens({ accessToken, refreshToken, expiresInSeconds }: TokenPair): Tokens {
  return { access_token: accessToken, refresh_token: refreshToken, token_type: 'Bearer', expires_in: expiresInSeconds };
}
