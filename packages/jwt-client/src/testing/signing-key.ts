import { constants, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { Algorithm } from '../jws/algorithms.ts';

export interface SigningKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly privateKey: KeyObject;
  /** The public half as published in the JWK Set. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function generateSigningKey(alg: Algorithm): SigningKey {
  const { privateKey, publicKey } = generateKeyPair(alg);
  const kid = randomUUID();
  return { kid, alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

function generateKeyPair(alg: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

const schemes = {
  RS256: {},
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  ES256: { dsaEncoding: 'ieee-p1363' },
} as const;

/** A JWS in compact form over any header and payload, so that tests can mint what a real issuer never would. */
export function signCompact(header: object, payload: object, { alg, privateKey }: SigningKey): string {
  const input = `${encode(header)}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, ...schemes[alg] });
  return `${input}.${signature.toString('base64url')}`;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
