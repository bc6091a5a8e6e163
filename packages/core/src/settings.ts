import { availableParallelism } from 'node:os';

import type { SigningAlgorithm } from './keys/index.ts';

/** What an operator may choose. Every lifetime is in seconds. */
export interface Settings {
  /** The `iss` of our tokens and the base of our links: the bare base URL, without a trailing slash. */
  issuer: string;
  /** The `aud` of access tokens made by a direct sign-in. */
  audience: string;
  signingAlgorithm: SigningAlgorithm;
  /** How long a key signs before a successor is made. */
  keyRotationSeconds: number;
  accessTokenTtlSeconds: number;
  refreshTokenIdleSeconds: number;
  refreshTokenAbsoluteSeconds: number;
  passwordLengthMin: number;
  argon2MemoryKib: number;
  argon2Passes: number;
  /** How many passwords are hashed at once. */
  hashConcurrency: number;
}

const DAY_SECONDS = 24 * 60 * 60;

export const defaultSettings: Settings = {
  issuer: 'http://127.0.0.1:8000',
  audience: 'users-service',
  signingAlgorithm: 'RS256',
  keyRotationSeconds: 30 * DAY_SECONDS,
  accessTokenTtlSeconds: 900,
  refreshTokenIdleSeconds: 30 * DAY_SECONDS,
  refreshTokenAbsoluteSeconds: 90 * DAY_SECONDS,
  passwordLengthMin: 8,
  argon2MemoryKib: 19_456,
  argon2Passes: 2,
  hashConcurrency: availableParallelism(),
};
